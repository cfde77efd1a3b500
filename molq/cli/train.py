"""molq train: a labelled set in, a .molq file out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli import completion, options
from molq.cli.progress import shown

if TYPE_CHECKING:
    from molq.data.labels import LabelledSet
    from molq.data.splits import Split
    from molq.training.config import TrainConfig
    from molq.training.fitting import EpochResult

_NETWORK, _SPLIT, _RECIPE, _QUANTIZATION = "Network", "Split", "Training", "Quantization"


def train(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A registered data set (molq data list) or a table.",
            autocompletion=completion.molecules,
        ),
    ],
    output: Annotated[Path, options.output("M.molq")],
    tasks: options.Tasks = None,
    kind: Annotated[
        str | None, typer.Option(help="classification or regression. Default: told from the labels.")
    ] = None,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    censored: options.Censored = None,
    duplicates: options.Duplicates = "keep",
    seed: options.Seed = 0,
    name: options.CardName = None,
    description: options.CardDescription = "",
    force: options.Force = False,
    as_json: options.AsJson = False,
    arch: Annotated[str, options.architecture(_NETWORK)] = "dmpnn",
    features: Annotated[str, typer.Option(help="V2, V1, ORGANIC or RIGR.", rich_help_panel=_NETWORK)] = "V2",
    d_h: Annotated[
        int | None, typer.Option("--d-h", help="Width of the hidden states.", rich_help_panel=_NETWORK)
    ] = None,
    depth: Annotated[int | None, typer.Option(help="Layers of message passing.", rich_help_panel=_NETWORK)] = None,
    dropout: Annotated[float, typer.Option(help="Share of hidden units dropped.", rich_help_panel=_NETWORK)] = 0.0,
    members: Annotated[int, typer.Option(help="Predictors in the ensemble.", rich_help_panel=_NETWORK)] = 1,
    split: Annotated[
        str, typer.Option(help="scaffold-balanced, scaffold or random.", rich_help_panel=_SPLIT)
    ] = "scaffold-balanced",
    split_seed: Annotated[int, typer.Option(help="Same seed, same split.", rich_help_panel=_SPLIT)] = 0,
    fractions: Annotated[
        str, typer.Option(help="Train, valid and test shares.", rich_help_panel=_SPLIT)
    ] = "0.8,0.1,0.1",
    split_column: Annotated[
        str | None,
        typer.Option(help="Column that says train, valid or test; replaces --split.", rich_help_panel=_SPLIT),
    ] = None,
    epochs: Annotated[int, options.epochs(_RECIPE)] = 50,
    batch_size: Annotated[int, typer.Option(help="Molecules a step.", rich_help_panel=_RECIPE)] = 64,
    max_lr: Annotated[float, typer.Option(help="Learning rate after warm-up.", rich_help_panel=_RECIPE)] = 1e-3,
    init_lr: Annotated[float, typer.Option(help="Learning rate at the start.", rich_help_panel=_RECIPE)] = 1e-4,
    final_lr: Annotated[float, typer.Option(help="Learning rate at the end.", rich_help_panel=_RECIPE)] = 1e-4,
    warmup_epochs: Annotated[int, typer.Option(help="Epochs of warm-up.", rich_help_panel=_RECIPE)] = 2,
    patience: Annotated[
        int | None,
        typer.Option(help="Stop after so many epochs without a better one. Default: run all.", rich_help_panel=_RECIPE),
    ] = None,
    monitor: Annotated[
        str,
        typer.Option(
            help="Keep the epoch that is best by this on validation: metric or loss.", rich_help_panel=_RECIPE
        ),
    ] = "metric",
    grad_clip: Annotated[
        float | None, typer.Option(help="Bound of the gradient's norm. Default: none.", rich_help_panel=_RECIPE)
    ] = None,
    threads: Annotated[
        int, typer.Option(help="CPU threads; more than one pays on idle cores alone.", rich_help_panel=_RECIPE)
    ] = 1,
    class_balance: Annotated[
        bool, typer.Option("--class-balance", help="As many inactives as actives an epoch.", rich_help_panel=_RECIPE)
    ] = False,
    qat: Annotated[
        str | None,
        typer.Option(
            metavar="SCHEME",
            help="Quantize too, and fine-tune the integers to imitate the fp32 model, which is kept as M.fp32.molq.",
            rich_help_panel=_QUANTIZATION,
        ),
    ] = None,
    qat_epochs: Annotated[
        int, typer.Option(min=1, help="Passes of --qat over the training molecules.", rich_help_panel=_QUANTIZATION)
    ] = 20,
) -> None:
    """Train a predictor and save it with its card: data, split, curve, and test metric with its interval."""
    from molq.cli.command import echo_notes
    from molq.cli.parsed import fractions as parsed_fractions
    from molq.files import refuse_output
    from molq.store.molqfile import save
    from molq.training.config import TrainConfig
    from molq.workflows.tuning.train import integer_scheme, network_config, training_data
    from molq.workflows.tuning.train import train as run

    fp32 = output if qat is None else output.with_suffix(".fp32.molq")
    for path in (output, fp32):
        refuse_output(path, [data], force=force)
    if qat is not None:
        integer_scheme(qat)
    settings = TrainConfig(
        epochs=epochs,
        batch_size=batch_size,
        max_lr=max_lr,
        init_lr=init_lr,
        final_lr=final_lr,
        warmup_epochs=warmup_epochs,
        patience=patience,
        monitor=monitor,
        class_balance=class_balance,
        seed=seed,
        grad_clip=grad_clip,
        n_members=members,
        n_threads=threads,
    )
    molecules = training_data(
        data,
        tasks=tasks,
        kind=kind,
        smiles_column=smiles_column,
        format=format,
        censored=censored,
        duplicates=duplicates,
        split=split,
        split_seed=split_seed,
        fractions=parsed_fractions(fractions),
        split_column=split_column,
    )
    config = network_config(molecules.labelled, arch=arch, features=features, d_h=d_h, depth=depth, dropout=dropout)
    typer.echo(_headline(*molecules), err=True)
    echo_notes(molecules.labelled.notes, context)
    with shown("train") as progress:
        training = run(
            molecules,
            config,
            settings,
            name=name or output.stem,
            description=description,
            qat=qat,
            qat_epochs=qat_epochs,
            progress=progress,
            on_epoch=lambda result: progress.stage(_epoch(result, settings, config.kind)),
            on_float=lambda model: save(fp32, model.network, model.card, force=force),
        )
    saved = [fp32]
    if training.quantized is not None:
        save(output, training.quantized.network, training.quantized.card, force=force)
        saved.append(output)
    for path in saved[-1:] if as_json else saved:
        _print_summary(path, as_json)


def _headline(labelled: LabelledSet, split: Split) -> str:
    refused = f", {len(labelled.rejected)} rejected" if labelled.rejected else ""
    seed = "" if split.seed is None else f" seed {split.seed}"
    return (
        f"{labelled.name}: {len(labelled):,} molecules{refused}, {len(labelled.tasks)} {labelled.kind} "
        f"task{'s' * (len(labelled.tasks) > 1)}; {split.method} split{seed}: "
        f"{len(split.train):,} train, {len(split.valid):,} valid, {len(split.test):,} test"
    )


def _epoch(result: EpochResult, settings: TrainConfig, kind: str) -> str:
    """The last epoch's losses and metric."""
    metric = "ROC-AUC" if kind == "classification" else "RMSE"
    text = f"member {result.member + 1}/{settings.n_members} " if settings.n_members > 1 else ""
    text += f"epoch {result.epoch}/{settings.epochs}  loss {result.train_loss:.4f}"
    return text if result.valid_metric is None else f"{text}  valid {metric} {result.valid_metric:.4f}"


def _print_summary(path: Path, as_json: bool) -> None:
    import json

    from molq.report.text.tuning import tuning_text
    from molq.results.plain import plain
    from molq.store.molqfile import read_header
    from molq.workflows.tuning.fine_tune import tuning_of

    header = read_header(path)
    card, scheme = header.description.card, header.description.scheme
    record, metrics, tuning = card.training or {}, card.metrics or {}, tuning_of(card)
    if as_json:
        summary = {"output": str(path), "size_bytes": header.size_bytes, "best_epochs": record["best_epochs"]}
        if tuning is not None:
            summary["qat"] = plain(tuning)
        typer.echo(json.dumps(summary | {"metrics": metrics}, indent=2))
        return
    best = ", ".join(map(str, record["best_epochs"]))
    how = scheme if tuning is not None else f"best epoch {best} of {record['settings']['epochs']}"
    typer.echo(f"{path}: {header.size_bytes:,} bytes, {how}")
    if tuning is not None:
        typer.echo(tuning_text(tuning))
    for label, value in metrics.items():
        if isinstance(value, dict):
            interval = f" [{value['low']:.4f}, {value['high']:.4f}], n = {value['n']:,}"
            typer.echo(f"  {label.replace('_', ' '):16s} {value['value']:.4f}{interval}")
        elif value is not None:
            typer.echo(f"  {label.replace('_', ' '):16s} {value:.4f}")

"""molq train: a labelled set in, a .molq file out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import completion, options
from molq.cli.progress import shown

if TYPE_CHECKING:
    from molq.data.labels import LabelledSet
    from molq.data.splits import Split
    from molq.store.molqfile import Loaded
    from molq.training.config import TrainConfig
    from molq.training.fitting import EpochResult

_NETWORK, _SPLIT, _RECIPE, _QUANTIZATION = "Network", "Split", "Training", "Quantization"


def train(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A registered data set (molq data list) or a table.",
            autocompletion=completion.molecules,
        ),
    ],
    output: Annotated[Path, options.output("M.molq")],
    task: options.Tasks = None,
    kind: Annotated[
        str | None, typer.Option(help="classification or regression. Default: told from the labels.")
    ] = None,
    smiles_column: options.SmilesColumn = None,
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
    from molq.cli.qat import integer_scheme
    from molq.errors import OutputError
    from molq.training.config import TrainConfig

    if output.exists() and (Path(data).exists() and output.samefile(data)):
        raise OutputError(f"{output} is an input of this command; choose another output")
    fp32 = output if qat is None else output.with_suffix(".fp32.molq")
    for path in (output, fp32):
        if path.exists() and not force:
            raise OutputError(f"{path} exists; choose another name or pass --force")
    scheme = None if qat is None else integer_scheme(qat)
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

    from molq.nn.config import default_config
    from molq.store.card import Card
    from molq.store.molqfile import save
    from molq.training.loop import train as train_model
    from molq.training.record import measured_metrics, training_record
    from molq.workflows.tuning.trained import quantize_trained

    labelled = _labelled(data, task, kind, smiles_column)
    made = _split(data, labelled, split_column, split, split_seed, _fractions(fractions))
    changes: dict[str, Any] = {"feature_set": features, "dropout": dropout}
    changes |= {key: value for key, value in (("d_h", d_h), ("depth", depth)) if value is not None}
    config = default_config(arch, labelled.tasks, labelled.kind, **changes)
    typer.echo(_headline(labelled, made), err=True)
    with shown("epoch 1") as progress:

        def on_epoch(result: EpochResult) -> None:
            progress.stage(_epoch(result, settings, config.kind))

        trained = train_model(config, labelled, made, settings, progress.step, on_epoch)
    record, metrics = training_record(trained, labelled, made, settings), measured_metrics(trained, labelled, made)
    card = Card(name or output.stem, description, training=record, metrics=metrics)
    saved = save(fp32, trained.network, card, force=force)
    if scheme is None:
        _print_summary(saved, record, as_json)
        return
    with shown("quantization-aware training") as progress:
        quantized = quantize_trained(saved, labelled, made, scheme, qat_epochs, seed, progress.step)
    if not as_json:
        _print_summary(saved, record, False)
    _print_summary(save(output, quantized.network, quantized.card, force=force), record, as_json)


def _labelled(data: str, tasks: list[str] | None, kind: str | None, smiles_column: str | None) -> LabelledSet:
    from molq.data.labels import load_dataset, read_labelled
    from molq.data.registry import dataset_names
    from molq.errors import InputError

    if Path(data).exists():
        if not tasks:
            raise InputError(f"name the label columns of {data} with --task")
        return read_labelled(data, tasks=tasks, smiles_column=smiles_column, kind=kind)
    if data not in dataset_names():
        raise InputError(f"{data} is neither a file nor a registered data set; see molq data list")
    return load_dataset(data, tasks)


def _split(
    data: str,
    labelled: LabelledSet,
    column: str | None,
    method: str,
    seed: int,
    fractions: tuple[float, float, float],
) -> Split:
    from molq.data.column_split import column_split
    from molq.data.splits import make_split
    from molq.errors import InputError

    if column is None:
        return make_split(labelled.smiles, method, seed, fractions)
    if not Path(data).exists():
        raise InputError(f"--split-column needs a table, and {data} is a registered data set")
    return column_split(data, column, labelled)


def _fractions(text: str) -> tuple[float, float, float]:
    from molq.errors import InputError

    try:
        train, valid, test = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"--fractions {text!r} must be three numbers with commas between, such as 0.8,0.1,0.1"
        ) from error
    return train, valid, test


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


def _print_summary(saved: Loaded, record: dict[str, Any], as_json: bool) -> None:
    import json

    from molq.cli.qat import qat_record, qat_summary

    is_quantized, metrics = saved.network.scheme != "fp32", saved.card.metrics or {}
    if as_json:
        summary = {"output": str(saved.path), "size_bytes": saved.size_bytes, "best_epochs": record["best_epochs"]}
        if is_quantized:
            summary["qat"] = qat_record(saved.card)
        typer.echo(json.dumps(summary | {"metrics": metrics}, indent=2))
        return
    best = ", ".join(map(str, record["best_epochs"]))
    how = saved.network.scheme if is_quantized else f"best epoch {best} of {record['settings']['epochs']}"
    typer.echo(f"{saved.path}: {saved.size_bytes:,} bytes, {how}")
    if is_quantized:
        typer.echo(qat_summary(saved.card))
    for label, value in metrics.items():
        if isinstance(value, dict):
            interval = f" [{value['low']:.4f}, {value['high']:.4f}], n = {value['n']:,}"
            typer.echo(f"  {label.replace('_', ' '):16s} {value['value']:.4f}{interval}")
        elif value is not None:
            typer.echo(f"  {label.replace('_', ' '):16s} {value:.4f}")

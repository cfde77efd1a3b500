"""molq train: a labelled set in, a .molq file out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli import completion, options, parsed
from molq.cli.progress import shown, tell
from molq.cli.saving import saved
from molq.cli.show import aside, say, show, show_json

if TYPE_CHECKING:
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
    report: Annotated[
        Path | None, typer.Option(metavar="PAGE.html", help="Page to write: curves, test metrics, worst predictions.")
    ] = None,
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
    remember: Annotated[
        bool,
        typer.Option(
            "--remember/--no-remember",
            help="Keep fingerprints and atom environments of the training molecules, no SMILES, in the file: they tell"
            " which scores to believe.",
        ),
    ] = True,
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
    repeats: Annotated[
        int,
        typer.Option(help="Splits to train on; the model is the first's, the spread is shown.", rich_help_panel=_SPLIT),
    ] = 1,
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
        int, typer.Option(help="Passes of --qat over the training molecules.", rich_help_panel=_QUANTIZATION)
    ] = 20,
) -> None:
    """Train a predictor and save it with its card: data, split, curve, and test metric with its interval."""
    import molq
    from molq.face.inputs import input_files
    from molq.outputs import refuse_outputs
    from molq.report.text.card import made_text
    from molq.report.text.training import training_text
    from molq.report.text.tuning import tuning_text
    from molq.store.molqfile import read_header

    fp32 = output if qat is None else output.with_suffix(".fp32.molq")
    outputs = [output, *([] if qat is None else [fp32]), *([] if report is None else [report])]
    refuse_outputs(outputs, input_files(data), force=force)
    with shown("train") as progress:
        model = molq.train(
            data,
            tasks=tasks,
            kind=kind,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            duplicates=duplicates,
            name=name or output.stem,
            description=description,
            arch=arch,
            features=features,
            d_h=d_h,
            depth=depth,
            dropout=dropout,
            members=members,
            split=split,
            split_seed=split_seed,
            fractions=parsed.fractions(fractions),
            split_column=split_column,
            seed=seed,
            epochs=epochs,
            batch_size=batch_size,
            max_lr=max_lr,
            init_lr=init_lr,
            final_lr=final_lr,
            warmup_epochs=warmup_epochs,
            patience=patience,
            monitor=monitor,
            grad_clip=grad_clip,
            threads=threads,
            class_balance=class_balance,
            qat=qat,
            qat_epochs=qat_epochs,
            remember=remember,
            repeats=repeats,
            progress=progress,
            on_epoch=lambda result: tell(progress, _epoch(result, epochs, members)),
            on_float=None if qat is None else lambda floats: saved(floats.save, fp32, force=force),
        )
    saved(model.save, output, force=force)
    assert model.making is not None
    assert model.making.training is not None
    tuning, training = model.making.tuning, model.making.training
    if report is not None:
        saved(partial(molq.write_report, training), report, force=force)
        aside(f"report: {report}")
    if as_json:
        summary = {
            "output": str(output),
            "size_bytes": model.size_bytes,
            "best_epochs": (model.card.training or {})["best_epochs"],
            "metrics": model.card.metrics,
            "training": training,
        }
        show_json(summary if tuning is None else {**summary, "qat": tuning})
        return
    if tuning is not None:
        show(read_header(fp32), made_text)
        say("")
    show(read_header(output), made_text)
    if tuning is not None:
        show(tuning, tuning_text)
    say("")
    show(training, training_text)


def _epoch(result: EpochResult, epochs: int, members: int) -> str:
    """What an epoch came to."""
    text = f"member {result.member + 1}/{members} " if members > 1 else ""
    text += f"epoch {result.epoch}/{epochs}  loss {result.train_loss:.4f}"
    return text if result.valid_metric is None else f"{text}  on validation molecules {result.valid_metric:.4f}"

"""molq quantize: a float model in, its quantized copy out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import options
from molq.cli.calibration_argument import calibration_set

if TYPE_CHECKING:
    from molq.store.molqfile import Loaded
    from molq.workflows.tuning.quantize import Quantization


def quantize(
    context: typer.Context,
    model: options.FloatModel,
    output: Annotated[Path, options.output("Q.molq")],
    scheme: Annotated[
        str, typer.Option(help="fp16, bf16, int8-dynamic, int8, int8-weight-only, w4a16, w4a8, w3a8, w2a8, or mixed.")
    ] = "int8",
    calibset: options.CalibrationFile = None,
    observer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[PATTERN=]NAME",
            help="How a range is taken from what was seen: minmax (default), headroom, moving-average, percentile, "
            "mse, entropy, or auto, the best for each call site; PATTERN picks sites, e.g. 'encoder.W_h:*=mse'; may be "
            "repeated.",
        ),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN=SCHEME", help="Treat layers otherwise, e.g. 'head.*=fp32'; may be repeated."),
    ] = None,
    rounding: Annotated[
        str | None, typer.Option(help="Of integer weights: nearest, gptq or adaround.", show_default="the scheme's")
    ] = None,
    equalize: Annotated[
        bool | None,
        typer.Option(
            "--equalize/--no-equalize",
            help="Scale channels to like sizes first; the function stays the same.",
            show_default="the scheme's",
        ),
    ] = None,
    bias_correction: Annotated[
        bool | None,
        typer.Option(
            "--bias-correction/--no-bias-correction",
            help="Move the mean error of a layer's output into its bias.",
            show_default="the scheme's",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="D",
            help="A data set or file. Of mixed: to measure on, validation molecules if known. Of --qat-epochs: to "
            "learn from, training molecules if known; labels are not needed.",
        ),
    ] = None,
    qat_epochs: Annotated[
        int | None,
        typer.Option(
            min=1, help="Quantization-aware training: so many passes over D to imitate the fp32 model. Default: none."
        ),
    ] = None,
    qat_lr: Annotated[float, typer.Option(help="Learning rate of --qat-epochs at the start.")] = 1e-4,
    seed: options.Seed = 0,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    censored: options.Censored = None,
    max_size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Of mixed: the largest file, such as 200KB; least error."),
    ] = None,
    max_drop: Annotated[
        float | None, typer.Option(help="Of mixed: the largest loss of ROC-AUC (RMSE); smallest file.")
    ] = None,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Quantize a model for real: the file gets smaller, and its products run on the stored integers."""
    from molq.cli.command import echo_notes
    from molq.cli.parsed import observers, overrides, size_bytes
    from molq.cli.progress import shown
    from molq.face.bundled import model_path
    from molq.files import refuse_output
    from molq.report.text.tuning import tuning_text
    from molq.store.molqfile import load, save
    from molq.workflows.tuning.quantize import quantize as make

    path = model_path(model)
    refuse_output(output, [source for source in (path, calibset, data) if source is not None], force=force)
    loaded = load(path)
    with shown("quantize") as progress:
        found = make(
            loaded,
            scheme,
            calibration_set(calibset, smiles_column),
            observer=observers(observer),
            override=overrides(override),
            rounding=rounding,
            equalize=equalize,
            bias_correction=bias_correction,
            max_size=None if max_size is None else size_bytes(max_size),
            max_drop=max_drop,
            data=data,
            qat_epochs=qat_epochs,
            qat_lr=qat_lr,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            seed=seed,
            progress=progress,
        )
    echo_notes(found.notes, context)
    _echo_search(found)
    saved = save(output, found.made.network, found.made.card, force=force)
    ratio = saved.size_bytes / loaded.size_bytes
    if as_json:
        typer.echo(json.dumps(_summary(found, loaded, saved), indent=2))
        return
    typer.echo(f"{model}: {loaded.size_bytes:,} bytes, fp32")
    typer.echo(f"{output}: {saved.size_bytes:,} bytes, {scheme}, {ratio:.3f} of the size")
    if found.tuning is not None:
        typer.echo(tuning_text(found.tuning))


def _echo_search(found: Quantization) -> None:
    """The mixes that were executed, on stderr."""
    from molq.report.text.mixed import mixed_table

    if found.search is None or found.probe is None:
        return
    which = "validation molecules" if found.probe.side else "molecules"
    typer.echo(f"mixes executed on {found.probe.molecules:,} {which} of {found.probe.name}:", err=True)
    typer.echo(mixed_table(found.search.executed, found.search.chosen).to_text(), err=True)


def _summary(found: Quantization, loaded: Loaded, saved: Loaded) -> dict[str, Any]:
    from molq.results.plain import plain

    summary = {
        "output": str(saved.path),
        "scheme": found.scheme,
        "size_bytes_before": loaded.size_bytes,
        "size_bytes": saved.size_bytes,
        "size_ratio": saved.size_bytes / loaded.size_bytes,
        "content_hash": saved.content_hash,
        "calibration": found.made.card.calibration,
    }
    if found.search is not None:
        summary["search"] = plain(found.search)
    if found.tuning is not None:
        summary["qat"] = plain(found.tuning)
    return summary

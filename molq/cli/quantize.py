"""molq quantize: a float model in, its quantized copy out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli import options, parsed
from molq.cli.progress import shown
from molq.cli.saving import saved
from molq.cli.show import aside, say, show, show_json

if TYPE_CHECKING:
    from molq.face.model import Making


def quantize(
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
            help="Quantization-aware training: so many passes over D to imitate the fp32 model. Default: none."
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
    import molq
    from molq.face.inputs import input_files
    from molq.outputs import refuse_output
    from molq.report.text.tuning import tuning_text

    refuse_output(output, input_files(model, calibset, data), force=force)
    floats = molq.load(model)
    with shown("quantize") as progress:
        made = floats.quantize(
            scheme,
            calibset,
            observer=parsed.observers(observer),
            override=parsed.overrides(override),
            rounding=rounding,
            equalize=equalize,
            bias_correction=bias_correction,
            data=data,
            qat_epochs=qat_epochs,
            qat_lr=qat_lr,
            max_size=None if max_size is None else parsed.size_bytes(max_size),
            max_drop=max_drop,
            seed=seed,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            progress=progress,
        )
    saved(made.save, output, force=force)
    making, ratio = made.making, made.size_bytes / floats.size_bytes
    assert making is not None
    if as_json:
        summary = {
            "output": str(output),
            "scheme": scheme,
            "size_bytes_before": floats.size_bytes,
            "size_bytes": made.size_bytes,
            "size_ratio": ratio,
            "content_hash": made.content_hash,
            "calibration": made.card.calibration,
            "search": making.search,
            "qat": making.tuning,
        }
        given = {"search": making.search is not None, "qat": making.tuning is not None}
        show_json({key: value for key, value in summary.items() if given.get(key, True)})
        return
    _tell_mixes(making)
    say(f"{model}: {floats.size_bytes:,} bytes, fp32")
    say(f"{output}: {made.size_bytes:,} bytes, {scheme}, {ratio:.3f} of the size")
    if making.tuning is not None:
        show(making.tuning, tuning_text)


def _tell_mixes(making: Making) -> None:
    """The mixes of schemes that were executed, where there was a search for one."""
    from molq.report.text.mixed import mixed_table

    if making.search is None or making.probe is None:
        return
    which = "validation molecules" if making.probe.side else "molecules"
    aside(f"mixes executed on {making.probe.molecules:,} {which} of {making.probe.name}:")
    show(making.search, lambda found: mixed_table(found.executed, found.chosen).to_text(), beside=True)

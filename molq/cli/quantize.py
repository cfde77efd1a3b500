"""molq quantize: a float model in, its quantized copy out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from molq.cli import options
from molq.cli.calibration_argument import calibration_set


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
            min=1, help="Quantization-aware training: so many passes over D to imitate the fp32 model. Default: none."
        ),
    ] = None,
    qat_lr: Annotated[float, typer.Option(help="Learning rate of --qat-epochs at the start.")] = 1e-4,
    seed: options.Seed = 0,
    smiles_column: options.SmilesColumn = None,
    max_size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Of mixed: the largest file, such as 200KB; least error.")
    ] = None,
    max_drop: Annotated[
        float | None, typer.Option(help="Of mixed: the largest loss of ROC-AUC (RMSE); smallest file.")
    ] = None,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Quantize a model for real: the file gets smaller, and its products run on the stored integers."""
    from molq.cli.mixed import search_and_quantize
    from molq.cli.qat import imitate, qat_record, qat_summary
    from molq.errors import InputError, OutputError
    from molq.face.bundled import model_path
    from molq.quant.scheme import get_scheme
    from molq.store.molqfile import load, save
    from molq.store.schema import MIXED
    from molq.workflows.precision.mixed import BASE
    from molq.workflows.precision.quantized import parse_override, quantize_loaded, with_observers

    path = model_path(model)
    for source in (path, calibset):
        if source is not None and output.exists() and source.exists() and output.samefile(source):
            raise OutputError(f"{output} is an input of this command; choose another output")
    if output.exists() and not force:
        raise OutputError(f"{output} exists; choose another name or pass --force")
    if not output.parent.is_dir():
        raise OutputError(f"{output.parent} is no folder; make it first, or choose another place for {output.name}")
    if scheme != MIXED and (max_size, max_drop) != (None, None):
        raise InputError("--max-size and --max-drop belong to --scheme mixed")
    if scheme != MIXED and (data is None) != (qat_epochs is None):
        raise InputError("--data and --qat-epochs go together: what to learn from, and how long")
    if scheme == MIXED and override:
        raise InputError("scheme mixed chooses for every layer; leave --override out")
    is_mixed = scheme == MIXED
    chosen = get_scheme(BASE if is_mixed else scheme).with_options(
        rounding=rounding, equalize=equalize, bias_correction=bias_correction
    )
    chosen = with_observers(chosen, observer or [])
    chosen = chosen.with_overrides(*(parse_override(text) for text in override or ()))
    loaded = load(path)
    if calibset is not None and not chosen.needs_calibration:
        typer.echo(f"note: {scheme} needs no calibration set; {calibset} is not used", err=True)
    if observer and not chosen.has_static_layers:
        typer.echo(f"note: {scheme} fixes no ranges; --observer is not used", err=True)
    calibration = calibration_set(calibset) if calibset is not None and chosen.needs_calibration else None
    if is_mixed:
        made, search = search_and_quantize(loaded, calibration, data, smiles_column, max_size, max_drop, chosen)
    else:
        made, search = quantize_loaded(loaded, chosen, calibration), None
    if qat_epochs is not None:
        made = imitate(loaded, made, data, smiles_column, qat_epochs, qat_lr, seed)
    saved = save(output, made.network, made.card, force=force)
    ratio = saved.size_bytes / loaded.size_bytes
    if as_json:
        summary = {
            "output": str(output),
            "scheme": scheme,
            "size_bytes_before": loaded.size_bytes,
            "size_bytes": saved.size_bytes,
            "size_ratio": ratio,
            "content_hash": saved.content_hash,
            "calibration": made.card.calibration,
        }
        if search is not None:
            summary["search"] = search.to_dict()
        if qat_epochs is not None:
            summary["qat"] = qat_record(made.card)
        typer.echo(json.dumps(summary, indent=2))
        return
    typer.echo(f"{model}: {loaded.size_bytes:,} bytes, fp32")
    typer.echo(f"{output}: {saved.size_bytes:,} bytes, {scheme}, {ratio:.3f} of the size")
    if qat_epochs is not None:
        typer.echo(qat_summary(made.card))

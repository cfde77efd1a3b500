"""molq quantize: a float model in, its quantized copy out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from molq.study.calibration import CalibrationMolecules


def quantize(
    model: Annotated[Path, typer.Argument(metavar="M.molq", help="The fp32 model.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="Q.molq", help="File to write.")],
    scheme: Annotated[str, typer.Option(help="fp16, bf16, int8-dynamic or int8.")] = "int8",
    calibset: Annotated[
        Path | None,
        typer.Option(metavar="C.csv", help="Calibration set, of molq calibset build or any file of molecules."),
    ] = None,
    observer: Annotated[
        str, typer.Option(help="How a range is taken from what was seen: minmax, percentile or mse.")
    ] = "minmax",
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN=SCHEME", help="Treat layers otherwise, e.g. 'head.*=fp32'; may be repeated."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Quantize a model for real: the file gets smaller, and its products run on the stored integers."""
    from molq.errors import OutputError
    from molq.quant.observers import make_observer
    from molq.quant.scheme import get_scheme
    from molq.store.molqfile import load, save
    from molq.study.quantized import parse_override, quantize_loaded

    for source in (model, calibset):
        if source is not None and output.exists() and source.exists() and output.samefile(source):
            raise OutputError(f"{output} is an input of this command; choose another output")
    if output.exists() and not force:
        raise OutputError(f"{output} exists; choose another name or pass --force")
    make_observer(observer)
    chosen = replace(get_scheme(scheme), observer=observer)
    chosen = chosen.with_overrides(*(parse_override(text) for text in override or ()))
    loaded = load(model)
    if calibset is not None and not chosen.needs_calibration:
        typer.echo(f"note: {scheme} needs no calibration set; {calibset} is not used", err=True)
    calibration = _calibration(calibset) if calibset is not None and chosen.needs_calibration else None
    made = quantize_loaded(loaded, chosen, calibration)
    saved = save(output, made.model, made.card, force=force)
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
        typer.echo(json.dumps(summary, indent=2))
        return
    typer.echo(f"{model}: {loaded.size_bytes:,} bytes, fp32")
    typer.echo(f"{output}: {saved.size_bytes:,} bytes, {scheme}, {ratio:.3f} of the size")


def _calibration(path: Path) -> CalibrationMolecules:
    from molq.calibset.spec import read_calibset
    from molq.study.calibration import calibration_molecules

    molecules = calibration_molecules(read_calibset(path))
    for refused in molecules.rejected[:5]:
        typer.echo(f"note: {path}, row {refused.row}: {refused.smiles} is left out, {refused.reason}", err=True)
    if len(molecules.rejected) > 5:
        typer.echo(f"note: and {len(molecules.rejected) - 5} more rows of {path}", err=True)
    return molecules

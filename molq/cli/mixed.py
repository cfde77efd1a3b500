"""molq quantize --scheme mixed: a precision per layer, searched for under a budget."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

from molq.errors import InputError

if TYPE_CHECKING:
    from molq.quant.scheme import Scheme
    from molq.store.molqfile import Loaded
    from molq.workflows.precision.calibration import CalibrationMolecules
    from molq.workflows.precision.mixed import MixedSearch
    from molq.workflows.precision.quantized import QuantizedModel

_UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "kib": 1024, "mib": 1024**2}


def search_and_quantize(
    loaded: Loaded,
    calibration: CalibrationMolecules | None,
    data: str | None,
    smiles_column: str | None,
    max_size: str | None,
    max_drop: float | None,
    template: Scheme,
) -> tuple[QuantizedModel, MixedSearch]:
    """The model of the best plan under the budget, and the search; the plans executed are listed on stderr.

    Molecules that the model was validated on guide the search, so that those it is tested on stay unseen.
    """
    from molq.cli.progress import shown
    from molq.report.mixed_table import mixed_table
    from molq.workflows.compare.fidelity import yardstick
    from molq.workflows.compare.probe import read_probe
    from molq.workflows.precision.mixed import Budget, mixed_model, search_mixed

    budget = Budget(None if max_size is None else size_bytes(max_size), max_drop)
    if data is None or calibration is None:
        raise InputError("scheme mixed needs --calibset, and --data to measure plans on")
    target = read_probe(data, loaded, side="valid", smiles_column=smiles_column)
    with shown("layers") as progress:
        found = search_mixed(
            loaded, calibration, yardstick(loaded.network, target), budget, template=template, progress=progress.step
        )
    which = "validation molecules" if target.side else "molecules"
    typer.echo(f"plans executed on {target.graphs.n_mols:,} {which} of {target.name}:", err=True)
    typer.echo(mixed_table(found.to_dict()).to_text(), err=True)
    return mixed_model(loaded, calibration, found.chosen.options, template), found


def size_bytes(text: str) -> int:
    """Bytes of ``200KB``, ``1.5MB``, ``64KiB`` or ``200000``. Raises InputError on any other text."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if match is None or match[2] not in _UNITS:
        raise InputError(f"--max-size {text!r} must be a number of bytes, or one with KB, MB, KiB or MiB")
    return int(float(match[1]) * _UNITS[match[2]])

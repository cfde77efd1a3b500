"""One model quantized with one scheme, with the card that says so."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from msgspec import structs

from molq.chem.packed import batches
from molq.errors import InputError
from molq.nn.ensemble import Network
from molq.quant.convert import KEEP_FLOAT, quantize_with_start
from molq.quant.layers import matrix_layers
from molq.quant.observers import check_observer
from molq.quant.scheme import Scheme
from molq.results.plain import plain
from molq.store.card import Card
from molq.store.molqfile import Loaded
from molq.workflows.precision.calibration import CalibrationMolecules


class QuantizedModel(NamedTuple):
    """A quantized model and its card; nothing is measured of it yet, so the card holds no metrics."""

    network: Network
    card: Card
    start: Network | None = None
    """the float model whose weights were rounded, if it was made here"""


def quantize_loaded(source: Loaded, scheme: Scheme, calibration: CalibrationMolecules | None = None) -> QuantizedModel:
    """The float model of a file, quantized; the file itself stays as it is.

    Raises InputError when the scheme needs a calibration set and has none, and for an override that names no layer;
    UnsupportedError when the file is quantized already.
    """
    _check_overrides(source.network, scheme)
    used = calibration if scheme.needs_calibration else None
    model, start = quantize_with_start(source.network, scheme, None if used is None else batches(used.graphs))
    provenance = (source.card.provenance or {}) | {
        "quantized_from": {"name": source.card.name, "content_hash": source.content_hash},
        "scheme": scheme.name,
    }
    provenance |= {
        option: value
        for option in ("rounding", "equalize", "bias_correction")
        if (value := getattr(scheme, option)) not in ("nearest", False)
    }
    if scheme.site_observers:
        provenance["site_observers"] = [f"{pattern}={name}" for pattern, name in scheme.site_observers]
    if scheme.overrides:
        provenance["overrides"] = [f"{pattern}={name}" for pattern, name in scheme.overrides]
    card = structs.replace(
        source.card,
        calibration=None if used is None else plain(used.record(scheme.observer)),
        metrics=None,
        provenance=provenance,
        created_with={},
    )
    return QuantizedModel(model, card, start)


def parse_override(text: str) -> tuple[str, str]:
    """(pattern, scheme name) of ``pattern=scheme``. Raises InputError on any other text."""
    pattern, separator, name = text.partition("=")
    if not (separator and pattern and name):
        raise InputError(f"override {text!r} must read PATTERN=SCHEME, such as 'head.*=fp32'")
    return pattern, name


def with_observers(scheme: Scheme, texts: Sequence[str]) -> Scheme:
    """The scheme with observers from texts ``name`` or ``pattern=name``, a pattern meeting ``layer:site``.

    Raises InputError for an unknown observer.
    """
    for text in texts:
        pattern, separator, name = text.rpartition("=")
        check_observer(name)
        if separator:
            scheme = replace(scheme, site_observers=(*scheme.site_observers, (pattern, name)))
        else:
            scheme = replace(scheme, observer=name)
    return scheme


def _check_overrides(model: Network, scheme: Scheme) -> None:
    names = list(matrix_layers(model.members[0]))
    for pattern, treatment in scheme.overrides:
        matched = fnmatch.filter(names, pattern)
        if not matched:
            raise InputError(f"override {pattern!r} matches no layer; the layers are {', '.join(names)}")
        kept = [name for name in matched if name in KEEP_FLOAT]
        if kept == matched and treatment != "fp32":
            raise InputError(f"override {pattern!r}: {kept[0]} always stays in float ({KEEP_FLOAT[kept[0]]})")

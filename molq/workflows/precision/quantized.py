"""One model quantized with one scheme, with the card that says so."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from msgspec import structs

from molq.chem.packed import batches
from molq.errors import InputError
from molq.nn.ensemble import Network
from molq.progress import SILENT, Progress
from molq.quant.convert import KEEP_FLOAT, quantize_with_start
from molq.quant.layers import matrix_layers
from molq.quant.observers import check_observer
from molq.quant.scheme import Scheme
from molq.results.plain import plain
from molq.store.card import Card
from molq.store.molqfile import Loaded
from molq.workflows.precision.calibration import CalibrationMolecules

Patterns = Mapping[str, str] | Sequence[tuple[str, str]]
"""glob pattern → name of a scheme or an observer; where several match, the last counts"""


class QuantizedModel(NamedTuple):
    """A quantized model and its card; nothing is measured of it yet, so the card holds no metrics."""

    network: Network
    card: Card
    start: Network | None = None
    """the float model whose weights were rounded, if it was made here"""


def quantize_loaded(
    source: Loaded,
    scheme: Scheme,
    calibration: CalibrationMolecules | None = None,
    progress: Progress = SILENT,
) -> QuantizedModel:
    """The float model of a file, quantized; the file itself stays as it is.

    Raises InputError when the scheme needs a calibration set and has none, and for an override that names no layer;
    UnsupportedError when the file is quantized already.
    """
    _check_overrides(source.network, scheme)
    used = calibration if scheme.needs_calibration else None
    network, start = quantize_with_start(
        source.network, scheme, None if used is None else batches(used.graphs), progress
    )
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
    return QuantizedModel(network, card, start)


def pairs_of(patterns: Patterns) -> tuple[tuple[str, str], ...]:
    """(pattern, name) in the order given."""
    return tuple(patterns.items() if isinstance(patterns, Mapping) else patterns)


def with_observers(scheme: Scheme, observer: str | Patterns) -> Scheme:
    """The scheme with one observer for all call sites, or with one for each glob pattern on ``layer:site``.

    The last pattern that a site matches counts, as for overrides; ``*`` takes the place of the scheme's own observer.
    Raises InputError for an unknown observer.
    """
    for pattern, name in (("*", observer),) if isinstance(observer, str) else pairs_of(observer):
        check_observer(name)
        if pattern == "*":
            scheme = replace(scheme, observer=name, site_observers=())
        else:
            scheme = replace(scheme, site_observers=(*scheme.site_observers, (pattern, name)))
    return scheme


def _check_overrides(network: Network, scheme: Scheme) -> None:
    names = list(matrix_layers(network.members[0]))
    for pattern, chosen in scheme.overrides:
        matched = fnmatch.filter(names, pattern)
        if not matched:
            raise InputError(f"override {pattern!r} matches no layer; the layers are {', '.join(names)}")
        kept = [name for name in matched if name in KEEP_FLOAT]
        if kept == matched and chosen != "fp32":
            raise InputError(f"override {pattern!r}: {kept[0]} always stays in float ({KEEP_FLOAT[kept[0]]})")

"""The mixes of a search for mixed precision as text."""

from __future__ import annotations

from collections.abc import Sequence

from molq.report.numbers import decibels, kilobytes, percent, scientific, signed_interval
from molq.report.table import Table
from molq.results.mixed import ExecutedMix

_BITS = {"w4a8": "4", "int8": "8", "fp16": "16", "fp32": "32"}


def mixed_table(executed: Sequence[ExecutedMix], chosen: ExecutedMix | None = None) -> Table:
    """Every mix that was executed, the smallest first, the bits of each layer last; the chosen one is marked.

    There may be a score of layers, so what a mix costs comes before them.
    """
    has_labels = executed[0].fidelity.loss is not None
    loss = ("loss of the metric [95%]",) if has_labels else ()
    header = ("file", "predicted MSE", "score MSE", "SQNR", "hits 5%", *loss)
    costs = Table(header, tuple(_costs(mix, has_labels, mix.layers == (chosen and chosen.layers)) for mix in executed))
    layers = tuple(name.removeprefix("encoder.") for name in executed[0].layers)
    return costs.beside(Table(layers, tuple(_bits(mix) for mix in executed)))


def _costs(mix: ExecutedMix, has_labels: bool, is_chosen: bool) -> tuple[str, ...]:
    found = mix.fidelity
    return (
        kilobytes(mix.size_bytes) + (" (chosen)" if is_chosen else ""),
        scientific(mix.predicted_score_mse),
        scientific(found.score_mse),
        decibels(found.sqnr_db, found.score_mse),
        percent(found.agreement.hit_overlap_5pct),
        *((signed_interval(found.loss),) if has_labels else ()),
    )


def _bits(mix: ExecutedMix) -> tuple[str, ...]:
    return tuple(_BITS.get(scheme, scheme) for scheme in mix.layers.values())

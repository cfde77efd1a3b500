"""Cells that say how far a quantized model lies from its float model, with labels or without."""

from __future__ import annotations

from molq.report.numbers import METRIC_NAMES, decibels, percent, scientific, signed_interval
from molq.results.fidelity import Fidelity


def fidelity_header(metric: str | None) -> tuple[str, ...]:
    """Names of the cells; ``metric`` is None when there are no labels."""
    loss = () if metric is None else (f"loss of {METRIC_NAMES[metric]} [95%]",)
    return ("score MSE", "SQNR", "hits 1%", "hits 5%", *loss)


def fidelity_cells(fidelity: Fidelity, metric: str | None) -> tuple[str, ...]:
    """Cells of one model's fidelity."""
    loss = () if metric is None else (signed_interval(fidelity.loss),)
    return (
        scientific(fidelity.score_mse),
        decibels(fidelity.sqnr_db, fidelity.score_mse),
        percent(fidelity.agreement.hit_overlap_1pct),
        percent(fidelity.agreement.hit_overlap_5pct),
        *loss,
    )

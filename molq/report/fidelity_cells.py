"""Cells that say how far a quantized model lies from its float model, with labels or without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molq.report.numbers import ABSENT, METRIC_NAMES, decimal, percent, signed_interval


def fidelity_header(metric: str | None) -> tuple[str, ...]:
    """Names of the cells; ``metric`` is None when there are no labels."""
    loss = () if metric is None else (f"loss of {METRIC_NAMES[metric]} [95%]",)
    return ("score MSE", "SQNR", "hits 1%", "hits 5%", *loss)


def fidelity_cells(fields: Mapping[str, Any], metric: str | None) -> tuple[str, ...]:
    """Cells of one model's fidelity, as ``Fidelity.fields`` gives it."""
    loss = () if metric is None else (signed_interval(fields, "loss"),)
    return (
        scientific(fields["score_mse"]),
        decibels(fields["sqnr_db"], fields["score_mse"]),
        percent(fields["hit_overlap_1pct"]),
        percent(fields["hit_overlap_5pct"]),
        *loss,
    )


def scientific(value: float) -> str:
    """``1.9e−3``; ``0`` for zero."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def decibels(value: float | None, noise: float = 0.0) -> str:
    """``36.4 dB``; exact where there is no noise."""
    if value is None:
        return "exact" if noise == 0 else ABSENT
    return f"{decimal(value, 1)} dB".replace("-", "−")

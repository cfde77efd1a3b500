"""The plans of a search for mixed precision as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molq.report.fidelity_cells import decibels, scientific
from molq.report.numbers import kilobytes, percent, signed_interval
from molq.report.table import Table

_BITS = {"w4a8": 4, "int8": 8, "fp16": 16, "fp32": 32}


def mixed_table(search: Mapping[str, Any]) -> Table:
    """Every plan that was executed, the smallest first; the chosen one, if any, is marked."""
    chosen = search.get("chosen")
    layers = list(search["executed"][0]["layers"])
    has_labels = search["executed"][0]["loss"] is not None
    header = ("file", *(name.removeprefix("encoder.") for name in layers), "predicted MSE", "score MSE", "SQNR")
    header += ("hits 5%", *(("loss of the metric [95%]",) if has_labels else ()))
    rows = [_row(plan, layers, has_labels) for plan in search["executed"]]
    if chosen is None:
        return Table(header, tuple(rows))
    marks = ["chosen" if plan["layers"] == chosen["layers"] else "" for plan in search["executed"]]
    return Table((*header, ""), tuple((*row, mark) for row, mark in zip(rows, marks, strict=True)))


def _row(plan: Mapping[str, Any], layers: list[str], has_labels: bool) -> tuple[str, ...]:
    return (
        kilobytes(plan["size_bytes"]),
        *(str(_BITS.get(plan["layers"][name], plan["layers"][name])) for name in layers),
        scientific(plan["predicted_score_mse"]),
        scientific(plan["score_mse"]),
        decibels(plan["sqnr_db"], plan["score_mse"]),
        percent(plan["hit_overlap_5pct"]),
        *((signed_interval(plan, "loss"),) if has_labels else ()),
    )

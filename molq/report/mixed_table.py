"""The plans of a search for mixed precision as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molq.report.fidelity_cells import decibels, scientific
from molq.report.numbers import kilobytes, percent, signed_interval
from molq.report.table import Table

_BITS = {"w4a8": 4, "int8": 8, "fp16": 16, "fp32": 32}


def mixed_table(search: Mapping[str, Any]) -> Table:
    """Every plan that was executed, the smallest first, the bits of each layer last; the chosen one is marked.

    There may be a score of layers, so what a plan costs comes before them.
    """
    chosen = search.get("chosen")
    layers = list(search["executed"][0]["layers"])
    has_labels = search["executed"][0]["loss"] is not None
    header = ("file", *(() if chosen is None else ("",)), "predicted MSE", "score MSE", "SQNR", "hits 5%")
    header += ("loss of the metric [95%]",) if has_labels else ()
    header += tuple(name.removeprefix("encoder.") for name in layers)
    return Table(header, tuple(_row(plan, chosen, has_labels) for plan in search["executed"]))


def _row(plan: Mapping[str, Any], chosen: Mapping[str, Any] | None, has_labels: bool) -> tuple[str, ...]:
    mark = "chosen" if chosen is not None and plan["layers"] == chosen["layers"] else ""
    return (
        kilobytes(plan["size_bytes"]),
        *(() if chosen is None else (mark,)),
        scientific(plan["predicted_score_mse"]),
        scientific(plan["score_mse"]),
        decibels(plan["sqnr_db"], plan["score_mse"]),
        percent(plan["hit_overlap_5pct"]),
        *((signed_interval(plan, "loss"),) if has_labels else ()),
        *(str(_BITS.get(scheme, scheme)) for scheme in plan["layers"].values()),
    )

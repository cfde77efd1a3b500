"""The tables of an evaluation: one row per model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molq.report.numbers import ABSENT, METRIC_NAMES, difference_key, interval, kilobytes, signed_interval
from molq.report.table import Table


def comparison_table(evaluation: Mapping[str, Any]) -> Table:
    """Size and first metric of each model and, with several, its difference to the first model's."""
    models, metric = evaluation["models"], _metrics(evaluation)[0]
    name = METRIC_NAMES[metric]
    header = ("model", "scheme", "size", name)
    rows = [(m["path"], m["scheme"], kilobytes(m["size_bytes"]), interval(m, metric)) for m in models]
    if len(models) == 1:
        return Table(header, tuple(rows))
    compared = [("reference", ABSENT)]
    compared += [(signed_interval(m, difference_key(metric)), m["verdict"] or ABSENT) for m in models[1:]]
    return Table(
        (*header, f"Δ{name} to the first", "verdict"),
        tuple((*row, *more) for row, more in zip(rows, compared, strict=True)),
    )


def secondary_table(evaluation: Mapping[str, Any]) -> Table:
    """The other metrics of each model."""
    _, *others = _metrics(evaluation)
    rows = [(m["path"], *(interval(m, name) for name in others)) for m in evaluation["models"]]
    return Table(("model", *(METRIC_NAMES[name] for name in others)), tuple(rows))


def _metrics(evaluation: Mapping[str, Any]) -> list[str]:
    return [name for name in METRIC_NAMES if name in evaluation["models"][0]]

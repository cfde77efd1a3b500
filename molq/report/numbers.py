"""Numbers as people read them in a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ABSENT = "–"
METRIC_NAMES = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "ef_1pct": "EF1%",
    "ef_5pct": "EF5%",
    "bedroc_20": "BEDROC",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "label_spearman": "ρ to labels",
}


def difference_key(metric: str) -> str:
    """Name of the field that holds the difference of a metric to the reference."""
    return "delta_auc" if metric == "roc_auc" else f"delta_{metric}"


def decimal(value: float | None, digits: int = 3) -> str:
    """``0.733``; a dash for None."""
    return ABSENT if value is None else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 4) -> str:
    """``+0.0002``, with a true minus sign; zero has no sign."""
    if value is None:
        return ABSENT
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text[1:] if float(f"{value:.{digits}f}") == 0 else text


def interval(fields: Mapping[str, Any], name: str, digits: int = 3) -> str:
    """``0.733 [0.646, 0.812]`` of the fields ``name``, ``name_low`` and ``name_high``."""
    if fields[name] is None:
        return ABSENT
    low, high = fields[f"{name}_low"], fields[f"{name}_high"]
    return f"{decimal(fields[name], digits)} [{decimal(low, digits)}, {decimal(high, digits)}]"


def signed_interval(fields: Mapping[str, Any], name: str, digits: int = 4) -> str:
    """``+0.0002 [−0.0007, +0.0014]``."""
    if fields[name] is None:
        return ABSENT
    low, high = fields[f"{name}_low"], fields[f"{name}_high"]
    return f"{signed(fields[name], digits)} [{signed(low, digits)}, {signed(high, digits)}]"


def percent(value: float | None, digits: int = 1) -> str:
    """``99.6%``."""
    return ABSENT if value is None else f"{100 * value:.{digits}f}%"


def kilobytes(n_bytes: int) -> str:
    """``338.5 kB``, of 1,000 bytes."""
    return f"{n_bytes / 1000:,.1f} kB"


def seed_phrase(split: Mapping[str, Any]) -> str:
    """How the molecules were split: ``scaffold-balanced split, seed 0``."""
    seed = "" if split["seed"] is None else f", seed {split['seed']}"
    return f"{split['method']} split{seed}"

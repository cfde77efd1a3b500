"""Numbers as people read them in a report."""

from __future__ import annotations

import math

from molq.metrics.significance import Difference, Interval

ABSENT = "–"
_SMALL, _LARGE = 1e-3, 1e6
"""sizes between which four decimals do"""
_NOISE = 1e-12
"""below it a number is what rounding leaves of zero"""
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
    "error_spearman": "ρ to errors",
    "sparsification": "AUSE",
    "nll": "NLL",
}


def decimal(value: float | None, digits: int = 3) -> str:
    """``0.733``; ``6.6e−07`` where that would be zero and is not; a dash for None and NaN."""
    if value is None or math.isnan(value):
        return ABSENT
    text = f"{value:.{digits}f}"
    return _minus(f"{value:.2g}" if abs(value) > _NOISE and not float(text) else text)


def score_text(value: float | None) -> str:
    """``0.9375``; of a very small or large one as many digits: ``1.594e−06``."""
    if value is None or math.isnan(value) or has_plain_size(value):
        return decimal(value, 4)
    return _minus(f"{value:.4g}")


def has_plain_size(value: float) -> bool:
    """Whether four decimals are neither too few nor too many."""
    return not value or _SMALL <= abs(value) < _LARGE


def signed(value: float | None, digits: int = 4) -> str:
    """``+0.0002``, with a true minus sign; zero has no sign."""
    if value is None or math.isnan(value):
        return ABSENT
    text = _minus(f"{value:+.{digits}f}")
    return text[1:] if float(f"{value:.{digits}f}") == 0 else text


def interval(found: Interval | None, digits: int = 3) -> str:
    """``0.733 [0.646, 0.812]``; the value alone where it has no interval."""
    if found is None:
        return ABSENT
    bounds = f" [{decimal(found.low, digits)}, {decimal(found.high, digits)}]"
    return decimal(found.value, digits) + ("" if math.isnan(found.low) else bounds)


def signed_interval(found: Difference | None, digits: int = 4) -> str:
    """``+0.0002 [−0.0007, +0.0014]``; the value alone where it has no interval."""
    if found is None:
        return ABSENT
    bounds = f" [{signed(found.low, digits)}, {signed(found.high, digits)}]"
    return signed(found.value, digits) + ("" if math.isnan(found.low) else bounds)


def percent(value: float | None, digits: int = 1) -> str:
    """``99.6%``."""
    return ABSENT if value is None or math.isnan(value) else _minus(f"{100 * value:.{digits}f}%")


def kilobytes(n_bytes: int) -> str:
    """``338.5 kB``, of 1,000 bytes."""
    return f"{n_bytes / 1000:,.1f} kB"


def times(ratio: float) -> str:
    """``1.81×``."""
    return f"{ratio:.2f}×"


def scientific(value: float) -> str:
    """``1.9e−3``; ``0`` for zero."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return _minus(f"{mantissa}e{int(exponent)}")


def decibels(value: float | None, noise: float = 0.0) -> str:
    """``36.4 dB``; exact where there is no noise."""
    if value is None:
        return "exact" if noise == 0 else ABSENT
    return f"{decimal(value, 1)} dB"


def seed_phrase(method: str, seed: int | None) -> str:
    """How molecules were split: ``scaffold-balanced split, seed 0``."""
    return f"{method} split" + ("" if seed is None else f", seed {seed}")


def rough(value: float, digits: int) -> str:
    """So many digits: ``5.7e−05``, ``1.2``."""
    return _minus(f"{value:.{digits}g}")


def short(value: float) -> str:
    """Three digits: ``0.689``, ``−1.5``, ``0``."""
    return _minus(f"{value:.3g}") if value else "0"


def apart(*values: float) -> list[str]:
    """Three digits of each, or so many more that those that differ look different: ``2.618`` and ``2.621``."""
    texts: list[str] = []
    for digits in range(3, 18):
        texts = [_minus(f"{value:.{digits}g}") if value else "0" for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def span(low: float, high: float) -> str:
    """``−0.5 to 1.47``."""
    return f"{short(low)} to {short(high)}"


def _minus(text: str) -> str:
    return text.replace("-", "−")

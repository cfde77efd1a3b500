"""What quantized models were held against: the float model on the molecules of a probe."""

from __future__ import annotations

from molq.results.shown import Result


class YardstickSection(Result, frozen=True):
    """How fidelity was measured."""

    metric: str
    """whose loss is measured where there are labels"""
    kind: str
    """classification or regression"""
    margin: float
    n_resamples: int
    seed: int


class Baseline(Result, frozen=True):
    """The metric of the float model, with its interval."""

    value: float
    low: float
    high: float

"""One verdict from many statistics, at a stated rate of false alarms."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.calibset.reference import Null
from molq.calibset.statistics import Statistic
from molq.results.validation import RepresentativeVerdict

NOT_REPRESENTATIVE_P = 0.0075
MARGINAL_P = 0.015
"""false alarms: a random draw from the library itself is called less than representative in this share of cases"""


class Judgement(NamedTuple):
    """How a set stands among random draws of the library."""

    verdict: RepresentativeVerdict
    p_value: float
    """share of random draws whose worst statistic is at least as extreme"""
    z: NDArray[np.float64]
    """[statistics] standard deviations from the mean of the draws, positive when worse"""
    p_values: NDArray[np.float64]
    """[statistics] share of random draws that are at least as bad in this statistic alone"""
    faults: list[int]
    """statistics that are worse than chance explains, the worst first; empty for a representative set"""


def judge(values: NDArray[np.float64], null: Null) -> Judgement:
    """The verdict on the statistics of a set, ``values`` [statistics].

    One-sided: being closer to the library than random draws is no fault. Each of the draws and the set is scored by its
    standard deviations from the mean of all the others, per statistic; its largest score is its distance from the
    library. The p-value is the rank of the set's distance among the draws'. Set and draws are treated alike throughout,
    so for a random draw every rank is equally likely, however the statistics are correlated.
    """
    badness = _badness(np.vstack([null.values, values]), null.statistics)
    scores = _scores(badness, np.array([statistic.least_deviation for statistic in null.statistics]))
    distances = scores.max(axis=1)
    p_value = float(_share(distances[:-1, None], distances[-1:])[0])
    verdict = _verdict(p_value)
    faults: list[int] = []
    if verdict != "representative":
        limit = min(float(np.quantile(distances[:-1], 1 - MARGINAL_P)), distances[-1])
        faults = [int(i) for i in np.argsort(-scores[-1], kind="stable") if scores[-1, i] >= limit]
    return Judgement(verdict, p_value, scores[-1], _share(badness[:-1], badness[-1]), faults)


def _badness(values: NDArray[np.float64], statistics: tuple[Statistic, ...]) -> NDArray[np.float64]:
    """Values [k, statistics] on the scales on which they are compared, larger ones worse."""
    scaled = [statistic.comparable(column) for statistic, column in zip(statistics, values.T, strict=True)]
    return np.stack(scaled, axis=1) * np.where([statistic.larger_is_worse for statistic in statistics], 1.0, -1.0)


def _scores(badness: NDArray[np.float64], least: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard score [k, statistics] of each row among the other rows; no deviation counts for less than ``least``."""
    centred = badness - badness.mean(axis=0)
    n_others = len(badness) - 1
    mean = -centred / n_others
    variance = ((centred**2).sum(axis=0) - centred**2) / n_others - mean**2
    scores: NDArray[np.float64] = (centred - mean) / np.maximum(np.sqrt(np.maximum(variance, 0)), least)
    return scores


def _share(draws: NDArray[np.float64], ours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the draws [k, ...] and the set together that are at least as bad as the set [...]."""
    share: NDArray[np.float64] = (1 + np.count_nonzero(draws >= ours - 1e-12, axis=0)) / (len(draws) + 1)
    return share


def _verdict(p_value: float) -> RepresentativeVerdict:
    if p_value <= NOT_REPRESENTATIVE_P:
        return "not representative"
    return "marginal" if p_value <= MARGINAL_P else "representative"

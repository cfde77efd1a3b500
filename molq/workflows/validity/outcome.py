"""What a calibration set does to scores: the int8 model with the ranges of the set, executed on library molecules."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.calibset.statistics import Statistic
from molq.chem.packed import PackedGraphs, slice_graphs
from molq.engine.all_scores import all_scores
from molq.metrics.ranking import hit_overlap, spearman, task_mean
from molq.nn.ensemble import Network, from_members
from molq.nn.judged import judge
from molq.quant.calibrate import Site
from molq.quant.convert import quantize
from molq.quant.observers import scale_and_zero
from molq.quant.scheme import Scheme

GROUP = "outcome"
HIT_FRACTION = 0.05
_SHAPE_MOLECULES = 8

STATISTICS = (
    Statistic("rank_disagreement", "1 − Spearman of int8 and fp32 scores", True, 0.05, GROUP, log_floor=1e-7),
    Statistic("mean_score_change", "mean difference of int8 and fp32 scores", True, 0.05, GROUP, log_floor=1e-9),
    Statistic("max_score_change", "largest difference of int8 and fp32 scores", True, 0.05, GROUP, log_floor=1e-9),
    Statistic("hits_lost_5pct", "fp32 hits (best 5%) that int8 loses", True, 0.005, GROUP, "%"),
)


class Outcome:
    """A float model's scores of molecules, against those of its quantized copies that differ in ranges alone."""

    def __init__(self, network: Network, scheme: Scheme, graphs: PackedGraphs) -> None:
        self._graphs = graphs
        self._judge = judge(network)
        self._reference = self._judge.scores(all_scores(network, graphs)).values
        self._quantized = quantize(network, scheme, [slice_graphs(graphs, 0, _SHAPE_MOLECULES)])

    def statistics(self, ranges: list[Mapping[Site, tuple[float, float]]]) -> NDArray[np.float64]:
        """Values of STATISTICS with those input ranges of every member, executed."""
        scores = self._judge.scores(all_scores(with_ranges(self._quantized, ranges), self._graphs)).values
        changes = np.abs(scores.astype(np.float64) - self._reference)
        kept = task_mean(_hits_kept, self._reference, scores)
        disagreement = 1 - task_mean(_rank_agreement, self._reference, scores)
        return np.nan_to_num(np.array([disagreement, changes.mean(), changes.max(), 1 - kept]), nan=0.0)


def with_ranges(network: Network, ranges: list[Mapping[Site, tuple[float, float]]]) -> Network:
    """A copy of a quantized model with other fixed input ranges (low, high); those not named stay.

    ``ranges`` holds those of each member. For a scheme that takes nothing else from a calibration set, it is the model
    that quantization on molecules with these ranges gives.
    """
    return from_members([_with_ranges(member, mine) for member, mine in zip(network.members, ranges, strict=True)])


def _with_ranges(member: Any, ranges: Mapping[Site, tuple[float, float]]) -> Any:
    made = copy.deepcopy(member)
    for (name, site), (low, high) in ranges.items():
        layer = made.get_submodule(name)
        layer.input_scale[site], layer.input_zero[site] = scale_and_zero(low, high)
    return made


def _rank_agreement(reference: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """Spearman's correlation, 0 where scores are all equal and so nothing of an order is left; nan without an order."""
    return 0.0 if np.ptp(reference) > 0 and np.ptp(scores) == 0 else spearman(reference, scores)


def _hits_kept(reference: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """Share of hits that stay hits, 1 where scores are equal, even when they tie across the cut."""
    return hit_overlap(reference, scores, HIT_FRACTION) / hit_overlap(reference, reference, HIT_FRACTION)

"""How far a quantized model lies from its float model on given molecules, with labels or without."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molq.engine.all_scores import all_scores
from molq.metrics.significance import Difference, Interval, bootstrap, paired_bootstrap, verdict
from molq.nn.ensemble import Network
from molq.nn.judged import Judge, judge
from molq.results.changes import ScoreChange
from molq.results.fidelity import Fidelity
from molq.results.yardstick import YardstickSection
from molq.workflows.compare.accuracy import LEVEL, METRICS, default_margin
from molq.workflows.compare.agreement import agreement
from molq.workflows.compare.changes import largest_changes
from molq.workflows.compare.probe import Probe

N_RESAMPLES = 1000
LEAST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class Yardstick:
    """The float model's predictions [n, J] of the molecules that quantized models are held against."""

    probe: Probe
    judge: Judge
    labels: NDArray[np.float32] | None
    """[n, J], NaN where missing; None for a library"""
    reference: NDArray[np.float32]
    margin: float
    n_resamples: int
    seed: int

    @property
    def kind(self) -> str:
        """Of the predictions: classification or regression."""
        return self.judge.kind

    @property
    def metric(self) -> str:
        """Name of the metric whose loss is measured when there are labels."""
        return METRICS[self.kind][0].name

    @property
    def section(self) -> YardstickSection:
        """What a result says of it."""
        return YardstickSection(self.metric, self.kind, self.margin, self.n_resamples, self.seed)

    def baseline(self) -> Interval | None:
        """The metric of the float model itself; None without labels that define it, as those of one class do not."""
        if self.labels is None:
            return None
        metric = METRICS[self.kind][0].function
        measured = bootstrap(
            metric, self.labels, self.reference, n_resamples=self.n_resamples, seed=self.seed, level=LEVEL
        )
        return None if math.isnan(measured.low) else measured

    def compare(self, network: Network) -> Fidelity:
        """``network`` executed on the molecules, against the float model."""
        scores = self.judge.scores(all_scores(network, self.probe.graphs)).values
        loss = self._loss(scores)
        exact, noisy = logits(self.reference, self.kind), logits(scores, self.kind)
        return Fidelity(
            score_mse=float(np.mean((scores.astype(np.float64) - self.reference) ** 2)),
            logit_mse=float(np.mean((noisy - exact) ** 2)),
            sqnr_db=signal_to_noise(exact, noisy),
            agreement=agreement(self.reference, scores),
            loss=loss,
            verdict=None if loss is None or math.isnan(loss.low) else verdict(_gain(loss), self.margin),
        )

    def changes(self, network: Network) -> tuple[ScoreChange, ...]:
        """The molecules whose scores ``network`` moves farthest from the float model's."""
        scores = self.judge.scores(all_scores(network, self.probe.graphs)).values
        return largest_changes(self.probe.smiles, self.judge.names, self.reference, scores, self.labels)

    def _loss(self, scores: NDArray[np.float32]) -> Difference | None:
        if self.labels is None:
            return None
        choice = METRICS[self.kind][0]
        gain = paired_bootstrap(
            choice.function,
            self.labels,
            self.reference,
            scores,
            n_resamples=self.n_resamples,
            seed=self.seed,
            level=LEVEL,
        )
        return _gain(gain) if choice.higher_is_better else gain


def yardstick(network: Network, probe: Probe, *, n_resamples: int = N_RESAMPLES, seed: int = 0) -> Yardstick:
    """The float ``network`` executed on the molecules of the probe."""
    judged_by = judge(network)
    labels = None if probe.labels is None else judged_by.labels(probe.labels)
    margin = 0.0 if labels is None else default_margin(judged_by.kind, labels)
    reference = judged_by.scores(all_scores(network, probe.graphs)).values
    return Yardstick(probe, judged_by, labels, reference, margin, n_resamples, seed)


def logits(scores: NDArray[np.float32], kind: str) -> NDArray[np.float64]:
    """Log odds of probabilities, those of 0 and 1 bounded; scores of a regressor as they are."""
    s = scores.astype(np.float64)
    if kind != "classification":
        return s
    p = np.clip(s, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    odds: NDArray[np.float64] = np.log(p / (1 - p))
    return odds


def signal_to_noise(reference: NDArray[np.float64], values: NDArray[np.float64]) -> float | None:
    """Variance of the reference [n, T] over the mean squared error, in decibels; None when either is 0."""
    noise, signal = float(np.mean((values - reference) ** 2)), float(np.mean(np.var(reference, axis=0)))
    return 10 * math.log10(signal / noise) if noise > 0 and signal > 0 else None


def _gain(loss: Difference) -> Difference:
    """The difference with its sign turned."""
    return Difference(0.0 - loss.value, 0.0 - loss.high, 0.0 - loss.low, loss.n, loss.level)

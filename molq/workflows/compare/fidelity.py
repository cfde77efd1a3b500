"""How far a quantized model lies from its float model on given molecules, with labels or without."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.engine.engine import Engine
from molq.metrics.significance import Difference, Interval, Verdict, bootstrap, paired_bootstrap, verdict
from molq.nn.ensemble import Network
from molq.workflows.compare.metric_intervals import LEVEL, METRICS, agreement, default_margin
from molq.workflows.compare.probe import Target

N_RESAMPLES = 1000
LEAST_PROBABILITY = 1e-7
HEALTHY_DB = 25.0
"""signal to noise of the logits below which a model is looked into even where its metric holds

Checked on D-MPNNs of BACE, ClinTox and ESOL, ADMET-AI's first classifier (31 tasks) and a small GINE of BACE, each int8
with five random calibration sets of 200: 25.6 to 52 dB, and no metric was inferior. With worse sets and fewer bits, the
best 5% of molecules overlapped by 0.95 or more above 25 dB (one of eight hits apart), and by 0.83 to 1 at 19 to 25 dB.
"""


@dataclass(frozen=True)
class Fidelity:
    """Scores of one executed model against the float model's, as means over molecules and tasks."""

    score_mse: float
    logit_mse: float
    """of the logits (of the scores of a regressor)"""
    sqnr_db: float | None
    """signal to noise of the logits (of the scores of a regressor); None when they are the same"""
    agreement: dict[str, float | None]
    """overlap of hit lists, Spearman's correlation, largest change of a score"""
    loss: Difference | None
    """of the metric, positive when worse than float; None without labels"""
    verdict: Verdict | None

    @property
    def is_significant(self) -> bool:
        """Whether the metric is worse than float beyond what chance explains."""
        return self.loss is not None and self.loss.low > 0

    @property
    def is_material(self) -> bool:
        """Whether the loss is significant and may be larger than the margin."""
        return self.is_significant and self.verdict != "non-inferior"

    @property
    def decibels(self) -> float:
        """Signal to noise; infinite where there is no noise, and minus infinity where there is no signal."""
        if self.sqnr_db is not None:
            return self.sqnr_db
        return math.inf if self.logit_mse == 0 else -math.inf

    @property
    def is_healthy(self) -> bool:
        """Whether nothing needs to be mended: little noise in the logits, and no material loss."""
        return self.decibels >= HEALTHY_DB and not self.is_material

    def fields(self) -> dict[str, Any]:
        """Flat, in JSON types."""
        loss = self.loss
        bounds = (None, None, None) if loss is None else (loss.value, loss.low, loss.high)
        names = ("loss", "loss_low", "loss_high")
        return {
            "score_mse": self.score_mse,
            "logit_mse": self.logit_mse,
            "sqnr_db": self.sqnr_db,
            **self.agreement,
            **{n: None if v is None or math.isnan(v) else v for n, v in zip(names, bounds, strict=True)},
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Yardstick:
    """The float model's scores [n, T] of the molecules that quantized models are held against."""

    target: Target
    kind: str
    reference: NDArray[np.float32]
    margin: float
    n_resamples: int
    seed: int

    @property
    def metric(self) -> str:
        """Name of the metric whose loss is measured when there are labels."""
        return METRICS[self.kind][0].name

    def baseline(self) -> Interval | None:
        """The metric of the float model itself; None without labels that define it, as those of one class do not."""
        if self.target.labels is None:
            return None
        metric = METRICS[self.kind][0].function
        measured = bootstrap(
            metric, self.target.labels, self.reference, n_resamples=self.n_resamples, seed=self.seed, level=LEVEL
        )
        return None if math.isnan(measured.low) else measured

    def compare(self, model: Network) -> Fidelity:
        """``model`` executed on the molecules, against the float model."""
        scores = Engine(model).scores(self.target.graphs)
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

    def _loss(self, scores: NDArray[np.float32]) -> Difference | None:
        if self.target.labels is None:
            return None
        choice = METRICS[self.kind][0]
        gain = paired_bootstrap(
            choice.function,
            self.target.labels,
            self.reference,
            scores,
            n_resamples=self.n_resamples,
            seed=self.seed,
            level=LEVEL,
        )
        return _gain(gain) if choice.higher_is_better else gain


def yardstick(model: Network, target: Target, *, n_resamples: int = N_RESAMPLES, seed: int = 0) -> Yardstick:
    """The float ``model`` executed on the target molecules."""
    margin = 0.0 if target.labels is None else default_margin(model.kind, target.labels)
    return Yardstick(target, model.kind, Engine(model).scores(target.graphs), margin, n_resamples, seed)


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

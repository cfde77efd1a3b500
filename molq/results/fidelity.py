"""How far a quantized model lies from its float model, with labels or without."""

from __future__ import annotations

import math
from typing import Any

from molq.metrics.significance import Difference, Verdict
from molq.results.accuracy import Agreement, bounds
from molq.results.plain import plain
from molq.results.shown import Result

HEALTHY_DB = 25.0
"""signal to noise of the logits below which a model is looked into even where its metric holds

Checked on D-MPNNs of BACE, ClinTox and ESOL, ADMET-AI's first classifier (31 tasks) and a small GINE of BACE, each int8
with five random calibration sets of 200: 25.6 to 52 dB, and no metric was inferior. With worse sets and fewer bits, the
best 5% of molecules overlapped by 0.95 or more above 25 dB (one of eight hits apart), and by 0.83 to 1 at 19 to 25 dB.
"""


class ProbeSection(Result, frozen=True):
    """The molecules on which a model and its float model are executed."""

    name: str
    molecules: int
    labelled: bool
    side: str | None
    """of the split on the model's card; None when all molecules count"""
    pool_molecules: int
    """that a calibration set may be chosen from"""


class Fidelity(Result, frozen=True):
    """Scores of one executed model against the float model's, as means over molecules and tasks."""

    score_mse: float
    logit_mse: float
    """of the logits (of the scores of a regressor)"""
    sqnr_db: float | None
    """signal to noise of the logits (of the scores of a regressor); None when they are the same"""
    agreement: Agreement
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


@plain.register
def _flat(value: Fidelity) -> dict[str, Any]:
    """The loss as ``loss``, ``loss_low`` and ``loss_high``."""
    return {
        "score_mse": value.score_mse,
        "logit_mse": value.logit_mse,
        "sqnr_db": value.sqnr_db,
        **plain(value.agreement),
        **bounds("loss", value.loss),
        "verdict": value.verdict,
    }

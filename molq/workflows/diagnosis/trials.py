"""Attempts made, executed, and compared with the model that is diagnosed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from molq.progress import SILENT, Progress
from molq.results.diagnosis import Remedy
from molq.results.fidelity import Fidelity
from molq.store.molqfile import Loaded
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.diagnosis.attempts import AVOIDING, BOTH_CAUSE, SET_CAUSE, Attempt, make
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.layers import layer_bytes
from molq.workflows.precision.quantized import QuantizedModel
from molq.workflows.tuning.fine_tune import TuningMolecules

AS_GOOD = 3.0
"""factor between what two remedies leave of the error, within which the simpler one is preferred"""
_LEAST_LEFT = 1e-3
"""share of the error below which less is of no account"""


class Tried(NamedTuple):
    """An attempt and what came of it."""

    attempt: Attempt
    remedy: Remedy


@dataclass(frozen=True)
class Trials:
    """What every attempt starts from, and is held against."""

    quantized: Loaded
    reference: Loaded
    sets: Mapping[str, CalibrationMolecules]
    on: Yardstick
    before: Fidelity
    """of the diagnosed model"""
    molecules: Callable[[], TuningMolecules]
    """to learn from in quantization-aware training"""

    @property
    def before_bytes(self) -> int:
        """Bytes of the diagnosed model's layers."""
        return sum(layer_bytes(self.quantized.network).values())

    def make(self, attempt: Attempt, progress: Progress = SILENT) -> QuantizedModel:
        """The float model, quantized so."""
        molecules = None if attempt.training is None else self.molecules()
        return make(attempt, self.reference, self.sets, molecules, progress)

    def run(self, attempt: Attempt, progress: Progress = SILENT) -> Tried:
        """The attempt made, executed and compared."""
        network, scheme = self.make(attempt, progress).network, attempt.scheme
        before, after = self.before, self.on.compare(network)
        loss = None
        if before.is_material and before.loss is not None and after.loss is not None:
            loss = 1 - after.loss.value / before.loss.value
        remedy = Remedy(
            name=attempt.name,
            cause=attempt.cause,
            scheme=scheme.name,
            observer=scheme.observer,
            site_observers=tuple(f"{pattern}={name}" for pattern, name in scheme.site_observers),
            rounding=scheme.rounding,
            equalize=scheme.equalize,
            bias_correction=scheme.bias_correction,
            overrides=tuple(f"{pattern}={name}" for pattern, name in scheme.overrides),
            calibration_set=attempt.set_name,
            qat_epochs=None if attempt.training is None else attempt.training.epochs,
            layer_bytes=sum(layer_bytes(network).values()),
            recovered_noise=1 - after.logit_mse / before.logit_mse if before.logit_mse > 0 else 0.0,
            recovered_loss=loss,
            fidelity=after,
        )
        return Tried(attempt, remedy)


def own_share(one: Tried, tried: Iterable[Tried]) -> float:
    """Share recovered of what the new calibration set that came with the remedy leaves; 0 where the set is a cure."""
    alone = {t.attempt.set_name: t.remedy for t in tried if t.attempt.cause == SET_CAUSE}
    with_set = alone.get(one.attempt.set_name)
    if with_set is None or not one.attempt.adds_set:
        return one.remedy.recovered
    left = 1 - with_set.recovered
    return 0.0 if with_set.is_cure or left <= 0 else 1 - (1 - one.remedy.recovered) / left


def ranked(tried: Sequence[Tried], before_bytes: int) -> list[Tried]:
    """Cures first, the smallest of them on top; among those of like size, the ones that recover most.

    Those that leave at most AS_GOOD times as much as the best of their size count as like it: there, what keeps the
    scheme and what changes one thing comes first. Remedies that do not cure follow, by what they recover.
    """
    needs_set = any(t.attempt.cause == SET_CAUSE for t in tried)
    cures = [t for t in tried if t.remedy.is_cure]

    def growth(one: Tried) -> float:
        return round(one.remedy.layer_bytes / before_bytes, 1)

    def key(one: Tried) -> tuple[Any, ...]:
        if not one.remedy.is_cure:
            return (1, 0, 0, 0, 0, -one.remedy.recovered)
        least = min(_left(other) for other in cures if growth(other) == growth(one))
        behind = max(math.ceil(math.log(_left(one) / least, AS_GOOD) - 1e-9) - 1, 0)
        is_twofold = one.attempt.cause == BOTH_CAUSE or (needs_set and one.attempt.adds_set)
        leaves_scheme = one.attempt.cause in AVOIDING
        return (0, growth(one), behind, leaves_scheme, is_twofold, -one.remedy.recovered)

    return sorted(tried, key=key)


def _left(one: Tried) -> float:
    """Share of what was lost that is still gone."""
    return max(1 - one.remedy.recovered, _LEAST_LEFT)

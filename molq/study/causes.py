"""What is at fault, judged by what happened when it was mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from molq.store.schema import MIXED
from molq.study.remedies import (
    BOTH_CAUSE,
    ENOUGH,
    LAYER_CAUSE,
    OUTLIER_CAUSE,
    RANGE_CAUSE,
    ROUNDING_CAUSE,
    SET_CAUSE,
    Remedy,
)
from molq.study.steps import Step

_EVIDENCE = {
    SET_CAUSE: ("calibration set", "clipping"),
    OUTLIER_CAUSE: ("outliers",),
    BOTH_CAUSE: ("calibration set", "clipping", "outliers"),
}
"""steps that speak for a cause"""
_SINGLE = (SET_CAUSE, OUTLIER_CAUSE, RANGE_CAUSE, ROUNDING_CAUSE)


@dataclass(frozen=True)
class Cause:
    """What is at fault."""

    name: str
    because: list[str]
    """what steps found that speaks for it, and what its remedy came to"""
    recovered: float
    """of what was lost, by the best remedy against this cause alone"""


def causes(remedies: Iterable[Remedy], steps: Sequence[Step]) -> list[Cause]:
    """Causes whose own remedy recovers half of enough, those that an earlier step speaks for first.

    Where one fault explains the loss, faults that go together are not named; where faults do, layers and schemes are
    not, which would only avoid them.
    """
    suspect = {step.name: step for step in steps if step.is_suspect}
    best: dict[str, Remedy] = {}
    for remedy in remedies:
        known = best.get(remedy.treatment.cause)
        if known is None or remedy.recovered > known.recovered:
            best[remedy.treatment.cause] = remedy
    seen = {name: [suspect[step] for step in _EVIDENCE.get(name, ()) if step in suspect] for name in best}
    found = [
        Cause(name, [*(step.finding for step in seen[name]), remedy.outcome], remedy.recovered)
        for name, remedy in best.items()
        if remedy.recovered >= ENOUGH / 2 and name != MIXED
    ]
    for narrower in (_SINGLE, (*_SINGLE, BOTH_CAUSE), (LAYER_CAUSE,)):
        if any(cause.name in narrower and cause.recovered >= ENOUGH for cause in found):
            found = [cause for cause in found if cause.name in narrower]
    return sorted(found, key=lambda c: (c.recovered < ENOUGH, not seen[c.name], -c.recovered))

"""What is at fault, judged by what happened when it was mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from molq.results.diagnosis import ENOUGH, Cause, Remedy, Step
from molq.store.schema import MIXED
from molq.workflows.diagnosis.attempts import (
    BOTH_CAUSE,
    LAYER_CAUSE,
    OUTLIER_CAUSE,
    RANGE_CAUSE,
    ROUNDING_CAUSE,
    SCHEME_CAUSE,
    SET_CAUSE,
)
from molq.workflows.diagnosis.trials import Tried, own_share

_EVIDENCE = {
    SET_CAUSE: ("calibration set", "clipping"),
    OUTLIER_CAUSE: ("outliers",),
    BOTH_CAUSE: ("calibration set", "clipping", "outliers"),
}
"""steps that speak for a cause"""
_SINGLE = (SET_CAUSE, OUTLIER_CAUSE, RANGE_CAUSE, ROUNDING_CAUSE)


def causes(tried: Sequence[Tried], steps: Sequence[Step]) -> list[Cause]:
    """Causes whose own remedy recovers half of enough, the cured and those that an earlier step speaks for first.

    A remedy that came with a new calibration set counts by what it mends beyond that set, and not at all where the set
    cures. Two faults together are named only where there are outlier channels, and where mending one of them is no
    cure. Where faults explain the loss, layers and schemes are not named, which would only avoid them.
    """
    suspect = {step.name: step for step in steps if step.is_suspect}
    best: dict[str, Remedy] = {}
    for one in tried:
        cause = one.attempt.cause
        is_possible = cause != MIXED and (cause != BOTH_CAUSE or "outliers" in suspect)
        if is_possible and own_share(one, tried) >= ENOUGH / 2:
            best[cause] = max(best.get(cause, one.remedy), one.remedy, key=lambda r: (r.is_cure, r.recovered))
    seen = {name: [suspect[step] for step in _EVIDENCE.get(name, ()) if step in suspect] for name in best}
    names = _narrowed(best)
    is_solved = any(best[name].is_cure for name in names if name != SCHEME_CAUSE)

    def order(name: str) -> tuple[bool, bool, bool, float]:
        is_cure = best[name].is_cure
        return (is_solved and not is_cure, not seen[name], not is_cure, -best[name].recovered)

    return [
        Cause(name, (*(step.finding for step in seen[name]), best[name].outcome), best[name].recovered)
        for name in sorted(names, key=order)
    ]


def _narrowed(best: Mapping[str, Remedy]) -> list[str]:
    """Names of the causes that explain the loss, of the most specific kind."""
    single = [name for name in best if name in _SINGLE]
    if any(best[name].is_cure for name in single):
        return single
    if BOTH_CAUSE in best and best[BOTH_CAUSE].is_cure:
        return [BOTH_CAUSE, *single]
    if any(best[name].recovered >= ENOUGH for name in single):
        return single
    if LAYER_CAUSE in best and best[LAYER_CAUSE].is_cure:
        return [LAYER_CAUSE]
    return list(best)

"""Where the time of a run went, as a table, and which stage is the limit."""

from __future__ import annotations

from molq.screening.stopwatch import STAGES
from molq.screening.summary import Summary

_WORKERS_FULL = 0.9


def stage_table(summary: Summary) -> list[str]:
    """Lines: seconds and µs a row of each stage, and the verdict. Worker stages are summed over all workers."""
    seconds = summary.stage_seconds
    rows = max(summary.rows - summary.resumed_rows, 1)
    total = sum(seconds.get(stage, 0.0) for stage in STAGES) or 1.0
    lines = [f"{'stage':<8}{'seconds':>10}{'µs/row':>10}{'share':>8}"]
    for stage in STAGES:
        spent = seconds.get(stage, 0.0)
        lines.append(f"{stage:<8}{spent:>10.2f}{spent / rows * 1e6:>10.1f}{spent / total:>8.0%}")
    return [*lines, _limit(summary)]


def _limit(summary: Summary) -> str:
    seconds = summary.stage_seconds
    available = max(summary.seconds - summary.startup_seconds, 1e-9) * max(summary.workers, 1)
    busy = sum(seconds.get(stage, 0.0) for stage in ("parse", "pack", "score", "format")) / available
    if busy >= _WORKERS_FULL:
        slowest = max(("parse", "pack", "score"), key=lambda stage: seconds.get(stage, 0.0))
        return f"workers are busy {min(busy, 1):.0%} of the time: the limit is {slowest}; more cores would help"
    parent = max(("read", "write"), key=lambda stage: seconds.get(stage, 0.0))
    return f"workers are busy {busy:.0%} of the time: the limit is {parent} in the parent, or other load on the machine"

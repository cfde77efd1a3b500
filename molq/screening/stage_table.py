"""Where the time of a run went, as a table, and which stage is the limit."""

from __future__ import annotations

from molq.results.screening import ScreenSummary
from molq.screening.stopwatch import STAGES

_WAITING = 0.15
_BUSY = 0.75


def stage_table(summary: ScreenSummary) -> list[str]:
    """Lines: CPU seconds and µs a row of each stage, summed over processes, and the verdict."""
    seconds = summary.stage_seconds
    rows = max(summary.rows - summary.resumed_rows, 1)
    total = sum(seconds.get(stage, 0.0) for stage in STAGES) or 1.0
    lines = [f"{'stage':<8}{'seconds':>10}{'µs/row':>10}{'share':>8}"]
    for stage in STAGES:
        spent = seconds.get(stage, 0.0)
        lines.append(f"{stage:<8}{spent:>10.2f}{spent / rows * 1e6:>10.1f}{spent / total:>8.0%}")
    return [*lines, _limit(summary)]


def _limit(summary: ScreenSummary) -> str:
    """Which stage holds the run up: the workers', unless the workers wait for chunks."""
    seconds, workers = summary.stage_seconds, max(summary.workers, 1)
    available = max(summary.seconds - summary.startup_seconds, 1e-9) * workers
    busy = min(1.0, sum(seconds.get(stage, 0.0) for stage in ("parse", "pack", "score")) / available)
    waiting = min(1.0, seconds.get("wait", 0.0) / available)
    if waiting > _WAITING:
        parent = max(("read", "write"), key=lambda stage: seconds.get(stage, 0.0))
        return f"the limit is {parent}: workers wait for chunks {waiting:.0%} of the time"
    slowest = max(("parse", "pack", "score"), key=lambda stage: seconds.get(stage, 0.0))
    if busy < _BUSY:
        return f"the limit is {slowest}, and other processes: workers never wait, but run only {busy:.0%} of the time"
    return f"the limit is {slowest}: workers are busy {busy:.0%} of the time, and more cores would help"

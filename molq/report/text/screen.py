"""What a screen came to, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from molq.chem.audit import most_differing
from molq.results.screening import ScreenSummary

_STAGES = ("read", "parse", "pack", "features", "score", "write")
_WORK = ("parse", "pack", "features", "score")
_OF_SOME_MODELS = "features"
"""stage that most models have not got"""
_N_REASONS = 5
_WAITING = 0.15
_BUSY = 0.75


def screen_text(summary: ScreenSummary) -> str:
    """Rows, the most frequent reasons of rejection, rate, time and what was written."""
    return "\n".join(_lines(summary))


def merge_text(summary: ScreenSummary) -> str:
    """The same of shards that were put together."""
    return "\n".join([*_counts(summary), f"{summary.seconds:.1f} s", *_ending(summary)])


def stages_text(summary: ScreenSummary) -> str:
    """CPU seconds and µs a row of each stage, summed over processes, and the stage that is the limit."""
    seconds = summary.stage_seconds
    rows = max(summary.rows - summary.resumed_rows, 1)
    total = sum(seconds.get(stage, 0.0) for stage in _STAGES) or 1.0
    lines = [f"{'stage':<8}{'seconds':>10}{'µs/row':>10}{'share':>8}"]
    for stage in _STAGES:
        if stage == _OF_SOME_MODELS and stage not in seconds:
            continue
        spent = seconds.get(stage, 0.0)
        lines.append(f"{stage:<8}{spent:>10.2f}{spent / rows * 1e6:>10.1f}{spent / total:>8.0%}")
    return "\n".join([*lines, _limit(summary)])


def _counts(summary: ScreenSummary) -> Iterator[str]:
    yield f"{summary.rows:,} rows = {summary.scored:,} scored + {summary.rejected:,} rejected"
    yield from (f"  {count:,} rejected: {reason}" for reason, count in list(summary.reasons.items())[:_N_REASONS])
    if len(summary.reasons) > _N_REASONS:
        yield f"  and {len(summary.reasons) - _N_REASONS:,} more reasons"


def _lines(summary: ScreenSummary) -> Iterator[str]:
    yield from _counts(summary)
    if summary.resumed_rows:
        yield f"{summary.resumed_rows:,} rows were done before"
    if summary.replaced_workers:
        yield f"{summary.replaced_workers} workers were lost and replaced"
    if summary.resumed_rows == summary.rows and not summary.seconds:
        yield from _ending(summary)
        return
    yield (
        f"{summary.mols_per_s:,.0f} mol/s with {summary.workers} worker{'s' * (summary.workers != 1)}; "
        f"{summary.seconds:.1f} s, of which {summary.startup_seconds:.1f} s start-up"
    )
    if features := summary.stage_seconds.get(_OF_SOME_MODELS):
        share = features / sum(summary.stage_seconds.get(stage, 0.0) for stage in _STAGES)
        yield f"molecule features of the model: {share:.0%} of the work"
    if summary.audited:
        per_million = most_differing(summary.audited) * 1e6
        yield (
            f"audit: RDKit read {summary.audited:,} molecules too, 0 of them otherwise "
            f"(below {per_million:,.0f} in a million at 95%)"
        )
    yield from _ending(summary)


def _ending(summary: ScreenSummary) -> Iterator[str]:
    yield from (f"note: {note}" for note in summary.notes)
    yield from (f"wrote {path}" for path in summary.outputs)


def _limit(summary: ScreenSummary) -> str:
    """Which stage holds the run up: the workers', unless the workers wait for chunks."""
    seconds, workers = summary.stage_seconds, max(summary.workers, 1)
    available = max(summary.seconds - summary.startup_seconds, 1e-9) * workers
    busy = min(1.0, sum(seconds.get(stage, 0.0) for stage in _WORK) / available)
    waiting = min(1.0, seconds.get("wait", 0.0) / available)
    if waiting > _WAITING:
        parent = max(("read", "write"), key=lambda stage: seconds.get(stage, 0.0))
        return f"the limit is {parent}: workers wait for chunks {waiting:.0%} of the time"
    slowest = max(_WORK, key=lambda stage: seconds.get(stage, 0.0))
    if busy < _BUSY:
        return f"the limit is {slowest}, and other processes: workers never wait, but run only {busy:.0%} of the time"
    return f"the limit is {slowest}: workers are busy {busy:.0%} of the time, and more cores would help"

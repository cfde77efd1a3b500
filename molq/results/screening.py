"""What a screen came to."""

from __future__ import annotations

from molq.results.shown import Result


class ScreenSummary(Result, frozen=True):
    """Counts and times of a run; rows = scored + rejected."""

    rows: int
    scored: int
    rejected: int
    seconds: float
    """wall-clock, start-up included"""
    startup_seconds: float
    """until the model was loaded and the first chunk could be given out"""
    mols_per_s: float
    """rows of this session per second after start-up"""
    resumed_rows: int
    """rows that an earlier session had done"""
    workers: int
    replaced_workers: int
    tasks: tuple[str, ...]
    outputs: tuple[str, ...]
    reasons: dict[str, int]
    """rejection reason → rows, most frequent first; at most 1,000 kinds are told apart"""
    audited: int
    """molecules read without RDKit that it parsed too, none of which differed"""
    stage_seconds: dict[str, float]
    """CPU seconds: read in the parent, write in both, the others summed over workers; wait: idle wall-clock seconds"""
    notes: tuple[str, ...] = ()
    """what a user should know of how the library was read: files left out, a guessed column, many rejections"""

"""What a screen came to, and what it would take."""

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


class PlannedModel(Result, frozen=True):
    """The same library with one of the models."""

    model: str
    size_bytes: int
    mols_per_s: float
    """of one core, after its start"""
    core_hours: float
    """of all rows, and of starting once for every shard"""
    hours: float
    """on all cores"""


class ScreenPlan(Result, frozen=True):
    """Rows, times and bytes, before anything is paid for."""

    library: tuple[str, ...]
    rows: int
    rows_are_counted: bool
    """as the files state them; else estimated from samples of the library"""
    measured_rows: int
    """that were scored to measure; 0 where the rate was given"""
    cores: int
    shards: int
    """of one core each"""
    output_bytes: int | None
    """of all shards, as Parquet; None where the rate was given"""
    models: tuple[PlannedModel, ...]
    notes: tuple[str, ...] = ()

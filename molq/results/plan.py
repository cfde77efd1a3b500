"""What a screen of a library would take."""

from __future__ import annotations

from molq.results.shown import Result


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

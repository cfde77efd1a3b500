"""What a worker is told once, before any chunk."""

from __future__ import annotations

import msgspec

from molq.records.layout import Layout
from molq.screening.output.formats import AnyFormat

LOADER = "molq.screening.workers.scorer:load_scorer"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A screen or a library build, as its workers see it."""

    models: tuple[str, ...]
    """paths of the .molq files, none for a library build"""
    output: AnyFormat
    layouts: tuple[Layout, ...]
    """of each source"""
    tasks: tuple[str, ...] | None = None
    """the chosen tasks, None for all"""
    n_columns: int = 0
    """kept of the input"""
    max_atoms: int
    loader: str = LOADER
    """``module:function``; it takes the path of a model and gives a scorer"""

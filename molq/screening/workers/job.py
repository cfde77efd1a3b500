"""What a worker is told once, before any chunk."""

from __future__ import annotations

from io import BytesIO

import msgspec

from molq.files import file_sha256, stream_sha256
from molq.records.layout import Layout
from molq.screening.output.formats import AnyFormat

LOADER = "molq.screening.workers.scorer:load_scorer"


class ModelSource(msgspec.Struct, frozen=True):
    """Where a model comes from."""

    path: str
    """of a .molq file, or what messages call a model that is in none"""
    content: bytes | None = None
    """what the file would hold; None to read it"""

    @property
    def sha256(self) -> str:
        return file_sha256(self.path) if self.content is None else stream_sha256(BytesIO(self.content))


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A screen, as its workers see it."""

    models: tuple[ModelSource, ...]
    """none where a scorer is at hand"""
    output: AnyFormat
    layouts: tuple[Layout, ...]
    """of each source"""
    tasks: tuple[str, ...] | None = None
    """the chosen tasks, None for all"""
    n_columns: int = 0
    """kept of the input"""
    max_atoms: int
    audit_rate: float | None
    """share of the molecules of the fast path that RDKit parses too; None: RDKit reads everything"""
    loader: str = LOADER
    """``module:function``; it takes a model source and gives a scorer"""

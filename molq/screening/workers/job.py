"""What a worker is told once, before any chunk."""

from __future__ import annotations

import hashlib
import os

import msgspec

from molq.errors import InputError
from molq.files import open_file
from molq.limits import MAX_MODEL_BYTES
from molq.records.layout import Layout
from molq.screening.output.formats import AnyFormat
from molq.urls import is_url

LOADER = "molq.screening.workers.scorer:load_scorer"
MAKER = "molq.screening.workers.chunk_work:load_worker"


class ModelSource(msgspec.Struct, frozen=True):
    """A model as its bytes were when the run began; what becomes of the file meanwhile does not matter."""

    path: str
    """of the .molq file, or what messages call a model that is in none"""
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_model(path: str) -> ModelSource:
    """The model in a file. Raises InputError when there is none, or one that cannot be read."""
    try:
        if not is_url(path) and not os.path.isfile(path):
            raise InputError(f"{path}: no such model file")
        with open_file(path) as file:
            size_bytes = file.seek(0, os.SEEK_END)
            if size_bytes > MAX_MODEL_BYTES:
                raise InputError(f"{path}: {size_bytes:,} bytes; no model is larger than {MAX_MODEL_BYTES:,}")
            file.seek(0)
            return ModelSource(path, file.read(size_bytes))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A screen, as its workers see it."""

    models: tuple[ModelSource, ...]
    """none where a scorer is at hand"""
    output: AnyFormat
    layouts: tuple[Layout, ...]
    """of each source"""
    tasks: tuple[str, ...] | None = None
    """the chosen tasks or columns, None for all"""
    spread: bool = False
    """whether the deviation between members stands beside every column"""
    n_columns: int = 0
    """kept of the input"""
    max_atoms: int
    strict: bool = False
    """whether rows with text after their SMILES are rejected"""
    audit_rate: float | None
    """share of the molecules of the fast path that RDKit parses too; None: RDKit reads everything"""
    loader: str = LOADER
    """``module:function``; it takes a model source and ``spread`` and gives a scorer"""
    maker: str = MAKER
    """``module:function``; it takes the job and gives what runs its chunks"""

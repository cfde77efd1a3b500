"""What a caller chooses: what the output depends on, and how the work is done."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

import msgspec

from molq.chem.audit import AUDIT_RATE
from molq.errors import InputError
from molq.limits import require_within
from molq.records.choice import Wanted
from molq.screening.output.table import Selection
from molq.task_names import require_distinct

CHUNK_ROWS = 512
SHARD_ROWS = 65536
MAX_ATOMS = 1000
TIMEOUT_S = 10.0
WORKERS, RAY = "workers", "ray"
ENGINES = (WORKERS, RAY)
"""worker processes of this machine, and actors of Ray"""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Besides models and library, all that the bytes of an output depend on; fields are called as the parameters are.

    Raises InputError for values that make no sense.
    """

    tasks: tuple[str, ...] | None = None
    """the chosen ones, or single columns of theirs; None for all"""
    spread: bool = False
    """whether the deviation between members stands beside every column"""
    top: int | None = None
    threshold: float | None = None
    lowest: bool = False
    smiles_column: str | None = None
    id_column: str | None = None
    columns: tuple[str, ...] = ()
    format: str | None = None
    """of the library, where name and content do not tell it"""
    max_atoms: int = MAX_ATOMS
    strict: bool = False
    """whether rows with text after their SMILES are rejected"""
    shard_rows: int = SHARD_ROWS

    def __post_init__(self) -> None:
        require_within(top=self.top, max_atoms=self.max_atoms, shard_rows=self.shard_rows)
        if self.lowest and not self.selection.active:
            raise InputError("`lowest` has a meaning only with `top` or `threshold`")
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise InputError(f"`threshold` is {self.threshold}; it must be a finite number")
        require_distinct(self.tasks or (), "tasks")
        require_distinct(self.columns, "columns")

    @property
    def selection(self) -> Selection:
        return Selection(self.top, self.threshold, self.lowest)

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.smiles_column, self.id_column, self.columns)


@dataclass(frozen=True)
class Manner:
    """How a run is done; its output does not depend on it. Raises InputError for values that make no sense."""

    workers: int | None = None
    """processes; None for as many as cores that this process may use, 0 for none"""
    chunk_rows: int = CHUNK_ROWS
    timeout_per_molecule: float = TIMEOUT_S
    """s"""
    resume: bool = False
    force: bool = False
    audit: float = AUDIT_RATE
    """share of the molecules read without RDKit that it parses too"""
    engine: str = WORKERS
    address: str | None = None
    """of a Ray cluster; None for $RAY_ADDRESS, or a Ray that this machine starts and stops"""
    concurrency: int | None = None
    """Ray actors; None for as many as CPUs"""

    def __post_init__(self) -> None:
        require_within(
            audit=self.audit,
            workers=self.workers,
            timeout_per_molecule=self.timeout_per_molecule,
            concurrency=self.concurrency,
        )
        if self.engine not in ENGINES:
            raise InputError(f"`engine` is {self.engine!r}; it must be one of {', '.join(ENGINES)}")
        if self.engine == RAY and self.workers is not None:
            raise InputError("with `engine=ray` there are actors in the place of `workers`; say `concurrency`")
        if self.engine != RAY and (self.address is not None or self.concurrency is not None):
            raise InputError("`address` and `concurrency` have a meaning only with `engine=ray`")

    @property
    def n_workers(self) -> int:
        if self.workers is not None:
            return self.workers
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""What the parent, the process that holds the model, and its workers say to each other."""

from __future__ import annotations

import msgspec

from molq.columns import Columns
from molq.screening.blocks import Block
from molq.screening.workers.job import Job


class Load(msgspec.Struct, frozen=True, tag=True):
    """To the model's process: load the models of the job."""

    job: Job


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The model is loaded."""

    columns: Columns
    """the chosen ones"""


class Fork(msgspec.Struct, frozen=True, tag=True):
    """To the model's process: fork a worker, which listens at the descriptor that comes with this."""


class Forked(msgspec.Struct, frozen=True, tag=True):
    """A worker is there."""

    pid: int


class Wait(msgspec.Struct, frozen=True, tag=True):
    """To the model's process: wait for a worker to end."""

    pid: int


class Ended(msgspec.Struct, frozen=True, tag=True):
    """How a worker ended."""

    status: int | None
    """exit code, or minus the signal that killed it; None for a worker that is not known"""


class Work(msgspec.Struct, frozen=True, tag=True):
    """To a worker: turn a chunk, whose bytes follow, into a result."""

    layout: int
    first_row: int
    n_rows: int
    skipped: dict[int, str]
    """rows to be rejected unseen, with the reason"""
    blocks: tuple[Block, ...] | None
    """rows to be taken together, each announced; None to take all at once"""
    bounds: tuple[float | None, ...]
    is_alone: bool
    """whether no other worker works meanwhile, as something ran short before"""


class At(msgspec.Struct, frozen=True, tag=True):
    """A worker takes up a block, or has taken up the last one."""

    block: Block | None


class ChunkDone(msgspec.Struct, frozen=True, tag=True):
    """A worker has finished its oldest chunk; what is to be written follows."""

    n_rows: int
    scored: int
    reasons: dict[str, int]
    seconds: dict[str, float]
    n_trailing: int
    n_audited: int
    difference: str | None


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A MolqError was raised."""

    error: str
    """name of its class"""
    message: str


class Broken(msgspec.Struct, frozen=True, tag=True):
    """Any other error was raised."""

    text: str


class Short(msgspec.Struct, frozen=True, tag=True):
    """The machine ran short of something; a worker ends after it."""

    text: str


Message = Load | Ready | Fork | Forked | Wait | Ended | Work | At | ChunkDone | Failed | Broken | Short

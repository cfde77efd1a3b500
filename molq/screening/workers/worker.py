"""One worker as the parent sees it, and the chunks it was given."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from molq.records.chunk import Chunk
from molq.screening.blocks import Block
from molq.screening.workers.messages import Work
from molq.screening.workers.wire import Mailbox


@dataclass
class Assignment:
    """A chunk on its way through the workers."""

    number: int
    chunk: Chunk
    blocks: list[Block] | None = None
    """rows to be taken together, each block announced before it is taken up; None to take all at once"""
    skipped: dict[int, str] = field(default_factory=dict)
    """rows found to kill or hold up a worker, with the reason"""
    suspects: dict[int, int] = field(default_factory=dict)
    """row → workers lost on it"""
    losses: int = 0
    """workers lost on none of its rows in particular"""
    shortages: int = 0
    """times that the machine ran short while it was in work"""


class Worker:
    """One forked process and the chunks it has been given, oldest first."""

    def __init__(self, pid: int, sock: socket.socket) -> None:
        self.pid = pid
        self.mailbox = Mailbox(sock)
        self.assigned: list[Assignment] = []
        self.since = time.monotonic()
        """when the oldest chunk, or the block in work, was begun"""
        self.block: Block | None = None
        """rows in work, when they are announced"""

    def give(self, assignment: Assignment, bounds: Sequence[float | None]) -> None:
        if not self.assigned:
            self.since, self.block = time.monotonic(), None
        self.assigned.append(assignment)
        chunk = assignment.chunk
        blocks = None if assignment.blocks is None else tuple(assignment.blocks)
        is_alone = assignment.shortages > 0
        work = Work(chunk.layout, chunk.first_row, chunk.n_rows, assignment.skipped, blocks, tuple(bounds), is_alone)
        self.mailbox.post(work, chunk.body)

    def take_up(self, block: Block | None) -> None:
        """The worker says that it begins a block."""
        self.since, self.block = time.monotonic(), block

    def finish(self) -> Assignment:
        """The oldest chunk is done."""
        self.since, self.block = time.monotonic(), None
        return self.assigned.pop(0)

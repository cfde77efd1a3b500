"""A process that scans boxes for its parent: ``python -m molq.spaces.scanning.process FD``."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection
from typing import NamedTuple

from molq.errors import MolqError
from molq.shortage import in_a_line, is_shortage
from molq.spaces.ranker import Ranker
from molq.spaces.scanning.boxes import Box, Order
from molq.spaces.scanning.scanner import Scanner
from molq.spaces.sheets import Sheet
from molq.store.molqfile import decode


class ScanJob(NamedTuple):
    """What a process is to scan, and with which model."""

    model: bytes
    """of the .molq file"""
    task: str | None
    lowest: bool
    sheets: tuple[Sheet, ...]
    orders: tuple[Order, ...]
    """of their pieces"""
    size: int
    """of the best of a box"""
    score: str | None = None

    def scanner(self) -> Scanner:
        """Raises as ``decode`` and ``Ranker`` do."""
        ranker = Ranker(decode(self.model, "the model").network, self.task, lowest=self.lowest, score=self.score)
        return Scanner(ranker, self.sheets, self.size, self.orders or None)


class BoxAsked(NamedTuple):
    """A box, and the height that its products have to pass."""

    sheet: int
    box: Box
    cut_off: float


class ScanFailed(NamedTuple):
    """Why a box was not scanned: the name of a MolqError, or none for a fault of molq."""

    error: str | None
    message: str


def main(descriptor: int) -> None:
    """Takes jobs and answers for the last one, until the parent closes its side."""
    with Connection(descriptor) as parent:
        try:
            scanner = parent.recv().scanner()
            while True:
                asked: ScanJob | BoxAsked = parent.recv()
                if isinstance(asked, ScanJob):
                    scanner = asked.scanner()
                else:
                    parent.send(scanner.scan(asked.sheet, asked.box, asked.cut_off))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
        except MolqError as error:
            parent.send(ScanFailed(type(error).__name__, str(error)))
        except Exception as error:
            name = "ShortageError" if is_shortage(error) else None
            parent.send(ScanFailed(name, in_a_line(error)))


if __name__ == "__main__":
    main(int(sys.argv[1]))

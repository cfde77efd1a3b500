"""What every format of output offers: one half for workers, one for the parent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from molq.columns import Columns
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows

Bounds = Sequence[float | None]
"""[R] the worst scores still wanted, None while there is room; empty where every row is"""


class Finished(NamedTuple):
    """A file of the output, on the disk and ready to get its name."""

    part: Path
    """where it is; there no more when an earlier session has put it in place"""
    path: Path
    """where it belongs"""


class Sink(Protocol):
    """The parent's half: takes the workers' bytes in order, makes them durable, and goes on after a crash.

    Everything is OSError-prone: the caller names the output.
    """

    def open(self, folder: Path, mark: int, complete: bool) -> None:
        """Begin in the folder of the run, or go on after the shard whose ``commit`` gave ``mark``.

        ``complete`` says that it was the last one, so that only ``finish`` is left to do, perhaps once more.
        """
        ...

    def write(self, body: bytes) -> None: ...

    def bounds(self) -> Bounds:
        """What workers need not send."""
        ...

    def commit(self) -> int:
        """Make a shard durable; the mark from which to go on, 0 for the beginning."""
        ...

    def finish(self) -> list[Finished]:
        """Make the files of the output whole, in the folder of the run. Can be done again after a crash."""
        ...

    def close(self) -> None:
        """Let go of what is open, whatever happened."""
        ...


class OutputFormat(Protocol):
    """A format and its place, as a value that travels to workers."""

    def body(self, rows: Rows, scored: ScoredRows, first_row: int, bounds: Bounds) -> bytes:
        """The workers' half: what rows come to, in the form that ``sink`` writes. Rows count from ``first_row``."""
        ...

    def sink(self, columns: Columns) -> Sink: ...

    def paths(self, columns: Columns) -> list[Path]:
        """The files that will be written, as far as they are known with these columns."""
        ...

"""Boxes scanned in this process, or in several others."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import NamedTuple

import molq.errors
from molq.errors import WorkersError
from molq.spaces.scanning.best import BestFound
from molq.spaces.scanning.boxes import Box
from molq.spaces.scanning.job import BoxAsked, ScanFailed, ScanJob, ScanModel
from molq.spaces.scanning.scanner import Scanned, Scanner

_PER_PROCESS = 5_000_000
"""products that are worth one"""
_ENDS = 4
"""processes that may end before they answer"""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
REMEDY = "see whether there is memory enough and nothing stops or ends its processes, or take fewer `workers`"


class Lot(NamedTuple):
    """A box of a sheet, by its place among all."""

    number: int
    sheet: int
    box: Box


def scanned_here(scanner: Scanner, parts: Sequence[Lot], best: BestFound) -> Iterator[tuple[Lot, Scanned]]:
    """Every part, one after the other; ``best`` tells the cut-off of the next."""
    for part in parts:
        yield part, scanner.scan(part.sheet, part.box, best.cut_off)


class Pool:
    """Processes that score products, none where one would be the only one; they start before there is work for them.

    There are as many ``asked`` for, or None for as many as ``n_products`` are worth.
    """

    def __init__(self, model: ScanModel, asked: int | None, n_products: int) -> None:
        n = min(len(os.sched_getaffinity(0)), n_products // _PER_PROCESS) if asked is None else asked
        self.n = n if n > 1 else 0
        self._model = pickle.dumps(model)
        self._job: ScanJob | None = None
        self._open: dict[Connection, subprocess.Popen[bytes]] = {}
        self._n_ended = 0
        for _ in range(self.n):
            self._start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for connection, process in self._open.items():
            connection.close()
            process.kill()
            process.wait()

    def scanned(self, job: ScanJob, parts: Sequence[Lot], best: BestFound) -> Iterator[tuple[Lot, Scanned]]:
        """Every part, in the order of being done. Raises WorkersError when processes keep ending."""
        self._job = job
        waiting = list(reversed(parts))
        busy: dict[Connection, Lot] = {}
        for process in list(self._open)[: len(waiting)]:
            self._tell(process)
            _ask(process, waiting, busy, best)
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                part = busy.pop(ready)
                try:
                    answer = ready.recv()
                except (EOFError, OSError):
                    waiting.append(part)
                    _ask(self._replaced(ready), waiting, busy, best)
                    continue
                if isinstance(answer, ScanFailed):
                    kind = getattr(molq.errors, answer.error or "", WorkersError)
                    raise kind(answer.message)
                yield part, answer
                _ask(ready, waiting, busy, best)

    def _replaced(self, ended: Connection) -> Connection:
        """Another process in the place of one that ended."""
        process = self._open.pop(ended)
        ended.close()
        process.kill()
        process.wait()
        self._n_ended += 1
        if self._n_ended > _ENDS:
            raise WorkersError(f"{self._n_ended} processes that score products ended; {REMEDY}")
        started = self._start()
        self._tell(started)
        return started

    def _start(self) -> Connection:
        mine, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile() as model:
            model.write(self._model)
            model.seek(0)
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "molq.spaces.scanning.process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=model,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        connection = Connection(mine.detach())
        self._open[connection] = process
        return connection

    def _tell(self, process: Connection) -> None:
        with contextlib.suppress(OSError):  # it ended: whoever asks it will see
            process.send(self._job)


def _ask(process: Connection, waiting: list[Lot], busy: dict[Connection, Lot], best: BestFound) -> None:
    if waiting:
        part = waiting.pop()
        busy[process] = part
        try:
            process.send(BoxAsked(part.sheet, part.box, best.cut_off))
        except OSError:
            return  # it ended: what waits for its answer will see

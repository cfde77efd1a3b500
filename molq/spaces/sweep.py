"""The pass over every product of all sheets, box by box, from where an earlier one was broken off."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from molq.progress import Progress
from molq.spaces.best import BestFound, Found, nothing
from molq.spaces.checkpoint import Reached, StateFile
from molq.spaces.processes import Lot, scanned_here, scanned_in_processes
from molq.spaces.ranker import Ranker
from molq.spaces.scan import Scanner
from molq.spaces.scan_process import ScanJob
from molq.spaces.sheets import Sheet

_FIRST = 4_000_000
"""combinations of the first box"""
_PER_WORKER = 20_000_000
"""combinations that are worth a process"""


class Swept(NamedTuple):
    """What a pass over all sheets found."""

    found: Found
    """the best, in order"""
    cut_off: float
    """no other combination is higher"""
    n_combinations: int
    n_scored: int
    seconds: float
    workers: int


class Sweep:
    """A pass that keeps ``size`` combinations of pieces, in ``workers`` processes, None for as many as it is worth."""

    def __init__(
        self,
        ranker: Ranker,
        sheets: tuple[Sheet, ...],
        model: tuple[bytes, str | None, bool],
        size: int,
        workers: int | None,
    ) -> None:
        self._ranker, self._sheets, self._model, self._size = ranker, sheets, model, size
        self._asked = workers

    def run(self, checkpoint: StateFile | None, *, resume: bool, progress: Progress) -> Swept:
        """Every product once. Raises InputError where there is nothing to resume, WorkersError as processes do."""
        progress.stage("score")
        state: Reached | None = None
        orders = None
        if checkpoint is not None and resume:
            orders, state = checkpoint.read([len(sheet.pieces) for sheet in self._sheets])
        scanner = Scanner(self._ranker, self._sheets, self._size, orders)
        if checkpoint is not None:
            checkpoint.begin(scanner.orders)
        lots = _lots(scanner, self._sheets)
        if state is None:
            state = Reached(np.zeros(len(lots), np.bool_), nothing(), 0, 0.0)
        return self._from(state, scanner, lots, checkpoint, progress)

    def _from(
        self, state: Reached, scanner: Scanner, lots: Sequence[Lot], checkpoint: StateFile | None, progress: Progress
    ) -> Swept:
        best, done, n_scored = BestFound(self._size, state.found), state.done.copy(), state.n_scored
        total = sum(lot.box.n_products for lot in lots)
        passed = sum(lot.box.n_products for lot in lots if done[lot.number])
        left = [lot for lot in lots if not done[lot.number]]
        workers = _workers(self._asked, total - passed)
        start = time.perf_counter() - state.seconds
        job = ScanJob(*self._model, self._sheets, scanner.orders, self._size)
        is_over = False
        try:
            n_here = 1 if workers > 1 else len(left)
            for lot, found in itertools.chain(
                scanned_here(scanner, left[:n_here], best), scanned_in_processes(job, left[n_here:], best, workers)
            ):
                best.add(found.best)
                done[lot.number] = True
                n_scored += found.n_scored
                passed += lot.box.n_products
                progress.step(passed, total)
                if checkpoint is not None:
                    checkpoint.note(Reached(done, best.found, n_scored, time.perf_counter() - start))
            is_over = True
        finally:
            if checkpoint is not None and (not is_over or checkpoint.path.exists()):
                checkpoint.note(Reached(done, best.found, n_scored, time.perf_counter() - start), now=True)
        return Swept(best.found, best.cut_off, total, n_scored, time.perf_counter() - start, workers)


def _lots(scanner: Scanner, sheets: Sequence[Sheet]) -> list[Lot]:
    """Boxes of all sheets, a small one first: it makes the cut-off that lets others be passed over."""
    found = [(at, box) for at in range(len(sheets)) for box in scanner.boxes(at)]
    if not found:
        return []
    largest = max(range(len(found)), key=lambda i: found[i][1].n_products)
    at, box = found.pop(largest)
    first, *rest = box.cut(_FIRST)
    ordered = [(at, first), *((at, other) for other in rest), *found]
    return [Lot(number, at, box) for number, (at, box) in enumerate(ordered)]


def _workers(asked: int | None, n_products: int) -> int:
    if asked is not None:
        return asked
    return max(1, min(len(os.sched_getaffinity(0)), n_products // _PER_WORKER))

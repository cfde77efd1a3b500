"""The pass over every product of all sheets, box by box, from where an earlier one was broken off."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.progress import Progress, remark
from molq.spaces.ranker import Ranker
from molq.spaces.scanning.best import BestFound, Found, height_of_nth, nothing, products_of
from molq.spaces.scanning.checkpoint import Reached, StateFile
from molq.spaces.scanning.job import ScanJob
from molq.spaces.scanning.processes import Lot, Pool, scanned_here
from molq.spaces.scanning.scanner import Scanner
from molq.spaces.sheets import Sheet

_FIRST = 4_000_000
"""combinations of the first box"""
_REMARK_S = 2.0
"""between two remarks"""


class Swept(NamedTuple):
    """What a pass over all sheets found."""

    found: Found
    """the best, in order"""
    cut_off: float
    """no other combination is higher"""
    n_combinations: int
    n_scored: int
    seconds: float


class Sweep:
    """A pass over the sheets of a job, in the processes of a pool, if it has any.

    It remarks what ranks the ``top``-th product so far, if that is given. ``ranker`` is that of the job.
    """

    def __init__(self, ranker: Ranker, job: ScanJob, pool: Pool, top: int | None = None) -> None:
        self._ranker, self._job, self._pool, self._top = ranker, job, pool, top
        self._sheets = job.sheets
        self._remarked = -np.inf

    def run(self, checkpoint: StateFile | None, *, resume: bool, progress: Progress) -> Swept:
        """Every product once. Raises InputError where there is nothing to resume, WorkersError as processes do."""
        progress.stage("score")
        state: Reached | None = None
        orders = None
        if checkpoint is not None and resume:
            orders, state = checkpoint.read([len(sheet.pieces) for sheet in self._sheets])
        scanner = Scanner(self._ranker, self._sheets, self._job.size, orders)
        if checkpoint is not None:
            checkpoint.begin(scanner.orders)
        lots = _lots(scanner, self._sheets)
        if state is None:
            state = Reached(np.zeros(len(lots), np.bool_), nothing(), 0, 0.0)
        best, done, n_scored = BestFound(self._job.size, state.found), state.done.copy(), state.n_scored
        total = sum(lot.box.n_products for lot in lots)
        passed = sum(lot.box.n_products for lot in lots if done[lot.number])
        left = [lot for lot in lots if not done[lot.number]]
        start = time.perf_counter() - state.seconds
        job = self._job._replace(orders=scanner.orders)
        is_over = False
        try:
            passing = self._pool.scanned(job, left, best) if self._pool.n else scanned_here(scanner, left, best)
            for lot, found in passing:
                best.add(found.best)
                done[lot.number] = True
                n_scored += found.n_scored
                passed += lot.box.n_products
                progress.step(passed, total)
                self._tell_cut_off(best, progress)
                if checkpoint is not None:
                    checkpoint.note(Reached(done, best.found, n_scored, time.perf_counter() - start))
            is_over = True
        finally:
            if checkpoint is not None and (not is_over or checkpoint.path.exists()):
                checkpoint.note(Reached(done, best.found, n_scored, time.perf_counter() - start), now=True)
        return Swept(best.found, best.cut_off, total, n_scored, time.perf_counter() - start)

    def _tell_cut_off(self, best: BestFound, progress: Progress) -> None:
        now = time.perf_counter()
        if self._top is not None and now - self._remarked >= _REMARK_S:
            self._remarked = now
            remark(progress, lambda: self._cut_off(best.found))

    def _cut_off(self, found: Found) -> str:
        assert self._top is not None
        height = height_of_nth(found, products_of(found, self._synthons), self._top)
        return "" if height is None else f"cut-off {self._ranker.value_at(height):.4g}"

    @cached_property
    def _synthons(self) -> list[list[NDArray[np.int32]]]:
        """Of each sheet and position the synthon of each piece."""
        return [
            [np.array([piece.synthon for piece in own], np.int32) for own in sheet.pieces] for sheet in self._sheets
        ]


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

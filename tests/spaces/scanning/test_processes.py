"""Several processes find what one finds, and one that is killed is replaced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_spaces import sheets_of

import molq
from molq.errors import WorkersError
from molq.spaces.scanning import processes
from molq.spaces.scanning import scanner as scanning
from molq.spaces.scanning.best import BestFound
from molq.spaces.scanning.job import ScanJob, ScanModel
from molq.spaces.scanning.processes import Lot, Pool, scanned_here


def test_a_killed_process_is_replaced_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MAX_PRODUCTS", 10)
    model = ScanModel(bytes(molq.load("bace-dmpnn")))
    job = ScanJob(sheets_of(tmp_path, "stereo"), (), 10)
    scanner = job.scanner(model.ranker("m"))
    parts = [Lot(number, 0, box) for number, box in enumerate(scanner.boxes(0))]
    assert len(parts) > 4
    here, there = BestFound(10), BestFound(10)
    for _, found in scanned_here(scanner, parts, here):
        here.add(found.best)
    started = []
    begin = Pool._start

    def start(pool):
        connection = begin(pool)
        started.append(pool._open[connection])
        return connection

    monkeypatch.setattr(Pool, "_start", start)
    met = []
    with Pool(model, 2, 0) as pool:
        for part, found in pool.scanned(job, parts, there):
            if not met:
                started[0].kill()
            met.append(part.number)
            there.add(found.best)
    assert sorted(met) == [part.number for part in parts]
    assert np.array_equal(here.found.pieces, there.found.pieces)
    np.testing.assert_allclose(here.found.heights, there.found.heights, rtol=1e-5)
    assert all(process.poll() is not None for process in started)


def test_processes_that_keep_ending_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.sys, "executable", "/bin/false")
    job = ScanJob(sheets_of(tmp_path, "amides"), (), 10)
    with (
        Pool(ScanModel(b""), 2, 0) as pool,
        pytest.raises(WorkersError, match="processes that score products ended; see whether there is memory"),
    ):
        list(pool.scanned(job, [Lot(0, 0, None)], BestFound(3)))  # type: ignore[arg-type]

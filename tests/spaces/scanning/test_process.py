"""The process that scans boxes answers, and says why when it cannot."""

from __future__ import annotations

import threading
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
from made_spaces import sheets_of

import molq
from molq.spaces.scanning.process import BoxAsked, ScanFailed, ScanJob, main


def test_it_scans_until_its_parent_is_gone(tmp_path: Path) -> None:
    sheets = sheets_of(tmp_path, "amides")
    job = ScanJob(bytes(molq.load("bace-dmpnn")), None, False, sheets, (), 10)
    scanner = job.scanner()
    (box,) = scanner.boxes(0)
    mine, theirs = Pipe()
    thread = threading.Thread(target=main, args=(theirs.fileno(),))
    thread.start()
    mine.send(job)
    mine.send(BoxAsked(0, box, -np.inf))
    answer = mine.recv()
    assert (answer.best.heights == scanner.scan(0, box, -np.inf).best.heights).all()
    mine.close()
    thread.join(10)
    assert not thread.is_alive()
    theirs._handle = None


def test_it_ranks_by_the_score_of_the_job(tmp_path: Path) -> None:
    sheets = sheets_of(tmp_path, "amides")
    by = [ScanJob(bytes(molq.load("bace-dmpnn")), None, False, sheets, (), 10, text) for text in ("Class", "-Class")]
    scanners = [job.scanner() for job in by]
    (box,) = scanners[0].boxes(0)
    up, down = (scanner.scan(0, box, -np.inf).best.heights for scanner in scanners)
    assert np.allclose(np.sort(up), np.sort(-down))


def test_a_model_that_is_none_is_said() -> None:
    mine, theirs = Pipe()
    mine.send(ScanJob(b"no model", None, False, (), (), 10))
    main(theirs.fileno())
    theirs._handle = None
    failed = mine.recv()
    assert isinstance(failed, ScanFailed)
    assert failed.error == "ModelFileError"
    mine.close()

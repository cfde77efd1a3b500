"""The process that scans boxes answers, and says why when it cannot."""

from __future__ import annotations

import threading
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
from made_spaces import sheets_of

import molq
from molq.spaces.scanning.job import BoxAsked, ScanFailed, ScanJob, ScanModel
from molq.spaces.scanning.process import main


def test_it_scans_until_its_parent_is_gone(tmp_path: Path) -> None:
    sheets = sheets_of(tmp_path, "amides")
    job, model = ScanJob(sheets, (), 10), ScanModel(bytes(molq.load("bace-dmpnn")))
    scanner = job.scanner(model.ranker("m"))
    (box,) = scanner.boxes(0)
    mine, theirs = Pipe()
    thread = threading.Thread(target=main, args=(theirs.fileno(), model))
    thread.start()
    mine.send(job)
    mine.send(BoxAsked(0, box, -np.inf))
    answer = mine.recv()
    assert (answer.best.heights == scanner.scan(0, box, -np.inf).best.heights).all()
    mine.close()
    thread.join(10)
    assert not thread.is_alive()
    theirs._handle = None


def test_a_model_that_is_none_is_said() -> None:
    mine, theirs = Pipe()
    main(theirs.fileno(), ScanModel(b"no model"))
    theirs._handle = None
    failed = mine.recv()
    assert isinstance(failed, ScanFailed)
    assert failed.error == "ModelFileError"
    mine.close()

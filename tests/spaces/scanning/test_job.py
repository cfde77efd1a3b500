"""A job is scanned by what the model of the processes ranks by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from made_spaces import sheets_of

import molq
from molq.spaces.scanning.job import ScanJob, ScanModel


def test_a_model_ranks_by_its_score(tmp_path: Path) -> None:
    sheets = sheets_of(tmp_path, "amides")
    model, job = bytes(molq.load("bace-dmpnn")), ScanJob(sheets, (), 10)
    scanners = [job.scanner(ScanModel(model, score=text).ranker("m")) for text in ("Class", "-Class")]
    (box,) = scanners[0].boxes(0)
    up, down = (scanner.scan(0, box, -np.inf).best.heights for scanner in scanners)
    assert np.allclose(np.sort(up), np.sort(-down))

from __future__ import annotations

import os
import subprocess
import sys

import molq
from molq.face.bundled import model_path
from molq.serial import to_json
from molq.server.jobs.job import JobOptions
from molq.server.jobs.queue import _LINE
from molq.server.jobs.screening import ScreenFailure, ScreenFinish, ScreenTask


def told(task: ScreenTask) -> list[object]:
    command = [sys.executable, "-m", "molq.server.jobs.screening"]
    done = subprocess.run(
        command,
        input=to_json(task),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return [_LINE.decode(line) for line in done.stdout.splitlines()]


def task(folder, **more) -> ScreenTask:
    return ScreenTask(
        models=(str(model_path("bace-dmpnn")),),
        library=str(folder / "in.smi"),
        output=str(folder / "out.csv"),
        workers=1,
        timeout_per_molecule=10.0,
        options=JobOptions(**more),
    )


def test_a_screen_is_told_line_by_line_and_writes_what_a_screen_writes(tmp_path):
    (tmp_path / "in.smi").write_text("CCO a\nC( b\nCCN c\n")
    *_steps, last = told(task(tmp_path))
    assert isinstance(last, ScreenFinish)
    assert (last.rows, last.scored, last.rejected) == (3, 2, 1)
    molq.screen("bace-dmpnn", tmp_path / "in.smi", tmp_path / "expected.csv", workers=0)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_what_fails_is_told_without_the_places_of_files(tmp_path):
    (tmp_path / "in.smi").write_bytes(b"%PDF-1.4")
    (failure,) = told(task(tmp_path))
    assert isinstance(failure, ScreenFailure)
    assert "a PDF document" in failure.message
    assert str(tmp_path) not in failure.message


def test_a_result_of_which_the_server_never_heard_is_made_again(tmp_path):
    (tmp_path / "in.smi").write_text("CCO a\nCCN c\n")
    *_, first = told(task(tmp_path))
    written = (tmp_path / "out.csv").read_bytes()
    *_, again = told(task(tmp_path))
    assert isinstance(again, ScreenFinish), again
    assert (again.rows, again.scored, again.result_bytes) == (first.rows, first.scored, len(written))
    assert (tmp_path / "out.csv").read_bytes() == written

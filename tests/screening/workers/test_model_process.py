from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import msgspec
import pytest
from fake_runs import fake_run

from molq.columns import columns_of
from molq.errors import InputError, ModelFileError, ShortageError, WorkersError
from molq.records.chunk import Chunk
from molq.screening.workers import model_process
from molq.screening.workers.job import Job
from molq.screening.workers.messages import Broken, ChunkDone, Failed, Ready, Short
from molq.screening.workers.model_process import ModelProcess, raise_reported
from molq.screening.workers.worker import Assignment, Worker


@pytest.fixture
def job(model, library, tmp_path) -> Job:
    run = fake_run(model, library, tmp_path / "out.csv")
    run.reader.close()
    return run.job


@pytest.fixture
def process(job) -> Iterator[ModelProcess]:
    process = ModelProcess(job)
    process.start()
    process.wait_until_ready()
    yield process
    process.stop()


def answer(worker: Worker, body: bytes = b"CCO,a,1\n") -> tuple[object, bytes]:
    """What a worker says of a chunk of one row."""
    worker.give(Assignment(0, Chunk(0, 0, 1, body)), ())
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for received in worker.mailbox.collect():
            return received
        time.sleep(0.005)
    raise AssertionError("the worker is silent")


def test_its_workers_work_and_their_end_is_told_in_words(process):
    assert process.columns == columns_of(("first", "second"))
    workers = [process.fork(), process.fork()]
    assert workers[0].pid != workers[1].pid
    for worker in workers:
        message, body = answer(worker)
        assert isinstance(message, ChunkDone)
        assert body.startswith(b"CCO,a,")
    assert process.end(workers[0]) == "killed by SIGKILL"
    workers[1].mailbox.sock.close()
    workers[1].mailbox.open = False
    assert process.end(workers[1]) == "ended with exit code 0"
    assert process.end(workers[1]) == "lost"


def test_it_is_started_again_should_it_be_gone(process):
    worker = process.fork()
    os.kill(process._process.pid, signal.SIGKILL)
    process._process.wait()
    deadline = time.monotonic() + 20
    while worker.mailbox.open and time.monotonic() < deadline:
        list(worker.mailbox.collect())
    assert not worker.mailbox.open, "a worker dies with the process it was forked from"
    worker.mailbox.close()
    other = process.fork()
    assert isinstance(answer(other)[0], ChunkDone)
    other.mailbox.close()


def test_it_is_started_again_should_it_be_silent(process):
    process._control.settimeout(0.5)
    stopped = process._process
    os.kill(stopped.pid, signal.SIGSTOP)
    worker = process.fork()
    assert stopped.poll() == -signal.SIGKILL
    assert isinstance(answer(worker)[0], ChunkDone)
    worker.mailbox.close()


def test_a_process_that_is_silent_while_it_loads_is_given_up(job, monkeypatch):
    monkeypatch.setattr(model_process, "_LOAD_SECONDS", 0.5)
    start = ModelProcess.start

    def start_stopped(self: ModelProcess) -> None:
        start(self)
        os.kill(self._process.pid, signal.SIGSTOP)

    monkeypatch.setattr(ModelProcess, "start", start_stopped)
    process = ModelProcess(job)
    process.start()
    with pytest.raises(WorkersError, match=r"did not answer within 0\.5 s, twice; see whether"):
        process.wait_until_ready()
    assert process._process.poll() is not None


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"loader": "fake_scorers:nothing"}, InputError, "no loader 'fake_scorers:nothing'"),
        ({"tasks": ("third",)}, InputError, "the model has no task 'third'"),
        ({"loader": "molq.screening.workers.scorer:load_scorer"}, ModelFileError, r"not a \.molq file"),
        ({"loader": "fake_scorers:load_broken"}, RuntimeError, "the model is broken"),
    ],
)
def test_what_loading_raises_is_raised_here(job, change, error, message):
    process = ModelProcess(msgspec.structs.replace(job, **change))
    process.start()
    with pytest.raises(error, match=message):
        process.wait_until_ready()
    assert process._process.poll() is not None


def test_a_report_is_raised_as_what_it_was():
    with pytest.raises(ModelFileError, match=r"^cut short$"):
        raise_reported(Failed("ModelFileError", "cut short"))
    with pytest.raises(RuntimeError, match="a worker process failed:\ntrace"):
        raise_reported(Broken("trace"))
    with pytest.raises(ShortageError, match=r"ran short \(MemoryError\); free memory, or take fewer `workers`"):
        raise_reported(Short("MemoryError"))
    with pytest.raises(AssertionError, match="is no report"):
        raise_reported(Ready(()))

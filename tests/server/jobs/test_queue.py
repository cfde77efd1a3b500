from __future__ import annotations

import os
import signal
import time

import pytest

import molq
from molq.errors import InputError, OutputError
from molq.server.jobs.folder import JobFolder
from molq.server.jobs.job import JobOptions, ScreenJob
from molq.server.jobs.queue import JobQueue
from molq.server.run import named_sources

TABLE = b"smiles,id\n" + b"".join(b"%sO,m%d\n" % (b"C" * (1 + i % 40), i) for i in range(3000))


@pytest.fixture
def queues(tmp_path):
    """Makes queues of one folder, one after the other, as a server that is started again."""
    made: list[JobQueue] = []

    def make(data_bytes: int = 1 << 30) -> JobQueue:
        if made:
            made.pop().close()
        made.append(JobQueue(JobFolder(tmp_path / "data"), named_sources(["bace-dmpnn"]), 1, 10.0, data_bytes))
        return made[-1]

    yield make
    for queue in made:
        queue.close()


def begun(queue: JobQueue, table: bytes = TABLE, **options) -> ScreenJob:
    job = queue.new("a.csv", ["bace-dmpnn"], JobOptions(**options), ("Class",))
    queue.begin(job)
    queue.folder.upload(job.id, job.filename).write_bytes(table)
    return job


def wait(queue: JobQueue, id: str, *states: str) -> ScreenJob:
    for _ in range(1200):
        job = queue.get(id)
        assert job is not None
        if job.state in states:
            return job
        time.sleep(0.05)
    raise AssertionError(f"{job.state}, not {states}")


@pytest.mark.slow
def test_a_job_goes_on_to_the_same_bytes_after_a_restart_and_a_crash(queues, tmp_path):
    queue = queues()
    job = begun(queue)
    assert queue.uploaded(job.id, len(TABLE)).state == "waiting"
    wait(queue, job.id, "running")
    queue = queues()
    assert wait(queue, job.id, "running", "waiting").rows_done == 0
    wait(queue, job.id, "running")
    while queue._process is None:
        time.sleep(0.01)
    os.kill(queue._process.pid, signal.SIGKILL)
    failed = wait(queue, job.id, "failed")
    assert failed.message == "the screen ended by SIGKILL; resume it to go on from where it stopped"
    queue.resume(job.id)
    done = wait(queue, job.id, "done", "failed")
    assert (done.rows_done, done.rejected, done.message) == (3000, 0, None)
    (tmp_path / "in.csv").write_bytes(TABLE)
    molq.screen("bace-dmpnn", tmp_path / "in.csv", tmp_path / "expected.csv", workers=0)
    assert queue.folder.result(job.id).read_bytes() == (tmp_path / "expected.csv").read_bytes()
    assert not queue.folder.upload(job.id, job.filename).exists()
    assert queues().get(job.id) == done


def test_what_waits_can_be_cancelled_resumed_and_removed(queues):
    queue = queues()
    first, second = begun(queue), begun(queue)
    queue.uploaded(first.id, 1)
    queue.uploaded(second.id, 1)
    wait(queue, first.id, "running")
    assert (queue.place(first.id), queue.place(second.id)) == (None, 1)
    assert queue.cancel(second.id).state == "cancelled"
    with pytest.raises(InputError, match="it is cancelled"):
        queue.cancel(second.id)
    assert queue.resume(second.id).state == "waiting"
    with pytest.raises(InputError, match="is waiting"):
        queue.resume(second.id)
    queue.remove(second.id)
    queue.remove(first.id)
    assert queue.all() == []
    assert not list((queue.folder.path / "jobs").iterdir())


def test_an_upload_that_was_broken_off_is_forgotten(queues):
    queue = queues()
    job = begun(queue)
    queue = queues()
    assert queue.get(job.id) is None
    assert not queue.folder.of(job.id).exists()


def test_the_oldest_finished_jobs_make_room(queues):
    queue = queues(10_000)
    jobs = [begun(queue, b"x" * 3000) for _ in range(3)]
    with pytest.raises(OutputError, match="wait for one to end, or delete it"):
        queue.make_room(2000)
    for job in jobs[:2]:
        queue._put(job.id, state="done")
    queue.make_room(2000)
    assert [job.id for job in queue.all()] == [jobs[2].id, jobs[1].id]

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
from molq.server.jobs.screening import ScreenFailure, ScreenFinish
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


def test_room_is_made_for_bytes_that_are_there_and_not_for_those_that_are_promised(queues):
    queue = queues(10_000)
    jobs = [begun(queue, b"x" * 3000) for _ in range(3)]
    for job in jobs[:2]:
        queue._put(job.id, state="done")
    queue.refuse_beyond(7000)
    with pytest.raises(OutputError, match="7,001 bytes more do not fit: 3,000 of 10,000"):
        queue.refuse_beyond(7001)
    assert len(queue.all()) == 3
    queue.make_room(2000, jobs[0].id)
    assert [job.id for job in queue.all()] == [jobs[2].id, jobs[0].id]


def test_a_job_whose_file_is_still_sent_is_neither_cancelled_nor_begun(queues):
    queue = queues()
    job = begun(queue, b"half of i")
    with pytest.raises(InputError, match="still being sent"):
        queue.cancel(job.id)
    with pytest.raises(InputError, match="the job is uploading"):
        queue.resume(job.id)
    queue.remove(job.id)
    with pytest.raises(InputError, match="was removed while its file was sent"):
        queue.uploaded(job.id, 9)
    queue.abandon(job.id)
    assert queue.all() == []


def test_a_disk_that_is_full_for_a_while_does_not_end_the_queue(queues, monkeypatch):
    queue = queues()
    put = queue._store.put

    def full(job):
        if job.state != "waiting":
            raise OutputError("the store of jobs cannot be used (database or disk is full)")
        put(job)

    monkeypatch.setattr(queue, "_screened", lambda job: ScreenFailure("no space"))
    first, second = begun(queue), begun(queue)
    with monkeypatch.context() as patch:
        patch.setattr(queue._store, "put", full)
        queue.uploaded(first.id, 1)
        wait(queue, first.id, "failed")
        with pytest.raises(OutputError, match="disk is full"):
            queue._put(first.id, state="cancelled")
        assert queue.get(first.id).state == "failed"
    queue.uploaded(second.id, 1)
    assert wait(queue, second.id, "failed").message == "no space"


def test_a_screen_that_was_done_when_the_server_stopped_is_done(queues, monkeypatch):
    queue = queues()
    finish = ScreenFinish(2, 1, 1, {"no": 1}, (), (), 3.5, 42)

    def screened(job):
        while not queue._closed:
            time.sleep(0.01)
        return finish

    monkeypatch.setattr(queue, "_screened", screened)
    job = begun(queue)
    queue.uploaded(job.id, 1)
    wait(queue, job.id, "running")
    done = queues().get(job.id)
    assert (done.state, done.rows_done, done.rows_per_s, done.result_bytes) == ("done", 2, 3.5, 42)


def test_a_result_makes_the_oldest_go(queues, monkeypatch):
    queue = queues(10_000)
    old, new = begun(queue, b"x" * 6000), begun(queue, b"x" * 3000)
    queue._put(old.id, state="done")

    def screened(job):
        queue.folder.result(job.id).write_bytes(b"x" * 8000)
        return ScreenFinish(2, 1, 1, {}, (), (), 3.5, 8000)

    monkeypatch.setattr(queue, "_screened", screened)
    queue.uploaded(new.id, 3000)
    wait(queue, new.id, "done")
    while queue.get(old.id) is not None:
        time.sleep(0.01)
    assert [job.id for job in queue.all()] == [new.id]
    assert queue.kept_bytes() == 8000

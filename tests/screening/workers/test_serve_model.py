from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_runs import fake_run

from molq.columns import columns_of
from molq.screening.workers.messages import At, ChunkDone, Ended, Fork, Forked, Load, Ready, Wait, Work
from molq.screening.workers.wire import receive, send, send_request


@pytest.fixture
def served(model, library, tmp_path):
    """The process and our end of its control, the model loaded."""
    run = fake_run(model, library, tmp_path / "out.csv")
    run.reader.close()
    mine, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "molq.screening.workers.serve_model", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"},
        )
    with mine, process:
        send(mine, Load(run.job))
        assert receive(mine).message == Ready(columns_of(("first", "second")))
        yield process, mine
        process.kill()


def fork(control: socket.socket) -> tuple[int, socket.socket]:
    mine, theirs = socket.socketpair()
    with theirs:
        send_request(control, Fork(), [theirs.fileno()])
        forked = receive(control).message
    assert isinstance(forked, Forked)
    return forked.pid, mine


def test_a_worker_answers_chunks_and_ends_when_it_is_left(served):
    _, control = served
    pid, worker = fork(control)
    with worker:
        send(worker, Work(0, 5, 2, {}, ((1, 2), (0, 1)), (), False), b"CCO,a,1\nCC,b,2\n")
        heard = [receive(worker).message for _ in range(3)]
        assert heard == [At((1, 2)), At((0, 1)), At(None)]
        done, body = receive(worker)
        assert isinstance(done, ChunkDone)
        assert (done.n_rows, done.scored, done.reasons) == (2, 2, {})
        assert {"parse", "pack", "score", "write", "wait"} == set(done.seconds)
        assert [line.split(b",")[0] for line in body.splitlines()] == [b"CCO", b"CC"]
    send_request(control, Wait(pid), [])
    assert receive(control).message == Ended(0)
    send_request(control, Wait(pid), [])
    assert receive(control).message == Ended(None)


def test_no_numerical_thread_is_there_when_it_forks(served):
    process, _ = served
    threads = [path.read_text().strip() for path in Path(f"/proc/{process.pid}/task").glob("*/comm")]
    assert [name.removesuffix("3") for name in threads if not name.startswith("jemalloc")] == ["python"]


def test_it_ends_with_its_parent_and_so_do_its_workers(served):
    process, control = served
    pid, worker = fork(control)
    control.close()
    assert process.wait(timeout=20) == 0
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.close()
    assert not os.path.exists(f"/proc/{pid}")

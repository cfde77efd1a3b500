"""Worker processes: started, fed, watched and replaced by the parent."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import molq.errors
from molq.errors import MolqError
from molq.records.chunk import Chunk
from molq.screening.workers.job import Job
from molq.screening.workers.wire import Mailbox, Message, receive, send

_LOADS = 4
"""attempts to load the model before it is held to kill the process that loads it"""

Block = tuple[int, int]
"""rows of a chunk: start, stop"""


@dataclass
class Assignment:
    """A chunk on its way through the workers."""

    number: int
    chunk: Chunk
    blocks: list[Block] | None = None
    """rows to be taken together, each block announced before it is taken up; None to take all at once"""
    skipped: dict[int, str] = field(default_factory=dict)
    """rows found to kill or hold up a worker, with the reason"""
    suspects: dict[int, int] = field(default_factory=dict)
    """row → workers lost on it"""
    errors: int = 0


class Worker:
    """One forked worker process and the chunks it has been given, oldest first."""

    def __init__(self, pid: int, sock: socket.socket) -> None:
        self.pid = pid
        self.mailbox = Mailbox(sock)
        self.assigned: list[Assignment] = []
        self.since = time.monotonic()
        """when the oldest chunk, or the block in work, was begun"""
        self.block: Block | None = None
        """rows in work, when they are announced"""

    def give(self, assignment: Assignment, bounds: Sequence[float | None]) -> None:
        if not self.assigned:
            self.since, self.block = time.monotonic(), None
        self.assigned.append(assignment)
        chunk = assignment.chunk
        head = {
            "chunk": [chunk.layout, chunk.first_row, chunk.n_rows],
            "skipped": assignment.skipped,
            "blocks": assignment.blocks,
            "bounds": list(bounds),
        }
        self.mailbox.post(Message(head, chunk.body))

    def finish(self) -> Assignment:
        """The oldest chunk is done."""
        self.since, self.block = time.monotonic(), None
        return self.assigned.pop(0)


class WorkerServer:
    """The process that forks workers; see worker_server. Raises what loading the model raised."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.tasks: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Start the process and load the model, without waiting for it to be ready."""
        mine, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "molq.screening.workers.server", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
        self._control = mine
        send(mine, Message({"job": self._job.to_json()}))

    def wait_until_ready(self) -> None:
        """A process that ends while it loads may have been killed from outside: it gets a few more attempts."""
        for attempt in range(_LOADS):
            if attempt:
                self.stop()
                self.start()
            assert self._control is not None
            answer = receive(self._control)
            if answer is not None:
                break
        else:
            self.stop()
            raise RuntimeError(f"the worker process ended {_LOADS} times while it loaded the model")
        if "ready" not in answer.head:
            self.stop()
            raise_reported(answer.head)
        self.tasks = tuple(answer.head["ready"])

    def fork(self) -> Worker:
        """A new worker; the server itself is started again should it be gone."""
        for _ in range(3):
            mine, theirs = socket.socketpair()
            for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                mine.setsockopt(socket.SOL_SOCKET, option, 1 << 20)
                theirs.setsockopt(socket.SOL_SOCKET, option, 1 << 20)
            with theirs:
                answer = self._ask({"fork": True}, [theirs.fileno()])
            if answer is not None:
                return Worker(answer["pid"], mine)
            mine.close()
            self.stop()
            self.start()
            self.wait_until_ready()
        raise RuntimeError("worker processes keep ending before they start")

    def end(self, worker: Worker) -> str:
        """Kill a worker if it still lives; how it ended, in words."""
        if worker.mailbox.open:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
        worker.mailbox.close()
        answer = self._ask({"wait": worker.pid}, [])
        status = answer["status"] if answer else None
        if status is None:
            return "lost"
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with exit code {status}"

    def stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _ask(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | None:
        assert self._control is not None
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
        except OSError:
            return None
        answer = receive(self._control)
        return None if answer is None else answer.head


def raise_reported(head: dict[str, Any]) -> None:
    """Raise the error that a process has reported in a message."""
    kind = getattr(molq.errors, head.get("failed", ""), None)
    if kind is not None and issubclass(kind, MolqError):
        raise kind(head["message"])
    raise RuntimeError(f"a worker process failed:\n{head.get('error', head)}")

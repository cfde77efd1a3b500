"""The process that holds the model, as the run sees it: started, asked for workers, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from threading import RLock, Thread
from typing import NoReturn

import molq.errors
from molq.columns import Columns
from molq.errors import MolqError, ShortageError, WorkersError
from molq.screening.workers.job import Job
from molq.screening.workers.messages import Broken, Ended, Failed, Fork, Forked, Load, Message, Ready, Short, Wait
from molq.screening.workers.wire import receive, send, send_request
from molq.screening.workers.worker import Worker

_LOADS = 4
"""attempts to load the model before it is held to kill the process that loads it"""
_FORKS = 3
_LOAD_SECONDS = 300.0
"""for the model; the first time on a machine kernels are compiled, which takes a minute or two"""
_ANSWER_SECONDS = 15.0
"""for what takes milliseconds: a process that is silent for so long is stopped, and is replaced"""
REMEDY = "see whether there is memory enough and nothing stops or ends its processes, or take fewer `workers`"
_SOCKET_BYTES = 1 << 20
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
"""what keeps numerical libraries from starting threads, which would not live through a fork"""


class ModelProcess:
    """A process of ``serve_model``, which loads the model once and forks workers from itself.

    Threads may share it; on Linux the process ends with the thread that started it.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lock = RLock()
        self.columns: Columns = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Start the process and load the model, without waiting for it to be ready."""
        mine, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "molq.screening.workers.serve_model", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
        mine.settimeout(_LOAD_SECONDS)
        self._control = mine
        Thread(target=_post, args=(mine, Load(self._job)), daemon=True).start()

    def wait_until_ready(self) -> None:
        """Raises what loading the model raised.

        A process that ends while it loads may have been killed from outside: it gets a few more attempts. One that is
        silent gets one more.
        """
        n_silent = 0
        for attempt in range(_LOADS):
            if attempt:
                self.stop()
                self.start()
            assert self._control is not None
            asked = time.monotonic()
            answer = receive(self._control)
            if answer is not None:
                break
            n_silent += time.monotonic() - asked >= _LOAD_SECONDS
            if n_silent > 1:
                self.stop()
                raise WorkersError(
                    f"the process that loads the model did not answer within {_LOAD_SECONDS:g} s, twice; {REMEDY}"
                )
        else:
            self.stop()
            raise WorkersError(f"the worker process ended {_LOADS} times while it loaded the model; {REMEDY}")
        if not isinstance(answer.message, Ready):
            self.stop()
            raise_reported(answer.message)
        self._control.settimeout(_ANSWER_SECONDS)
        self.columns = answer.message.columns

    def fork(self) -> Worker:
        """A new worker; the process itself is started again should it be gone or silent.

        Raises ShortageError when there is no room for a worker, and WorkersError when none starts.
        """
        with self._lock:
            return self._fork()

    def _fork(self) -> Worker:
        answer: Message | None = None
        for _ in range(_FORKS):
            mine, theirs = socket.socketpair()
            for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                mine.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BYTES)
                theirs.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BYTES)
            with theirs:
                answer = self._ask(Fork(), [theirs.fileno()])
            if isinstance(answer, Forked):
                return Worker(answer.pid, mine)
            mine.close()
            self.stop()
            self.start()
            self.wait_until_ready()
        if isinstance(answer, Short):
            raise_reported(answer)
        raise WorkersError(f"worker processes keep ending before they start; {REMEDY}")

    def end(self, worker: Worker) -> str:
        """Kill a worker if it still lives; how it ended, in words."""
        if worker.mailbox.open:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
        worker.mailbox.close()
        with self._lock:
            answer = self._ask(Wait(worker.pid), [])
        status = answer.status if isinstance(answer, Ended) else None
        if status is None:
            return "lost"
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with exit code {status}"

    def begin_anew(self, job: Job) -> None:
        """End the process and all its workers, and load what another job says. Raises as ``wait_until_ready`` does."""
        with self._lock:
            self.stop()
            self._job = job
            self.start()
            self.wait_until_ready()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._control is not None:
            self._control.close()

    def _ask(self, request: Message, descriptors: list[int]) -> Message | None:
        """The answer; None when the process is gone, or is silent and therefore killed, its workers with it."""
        assert self._control is not None
        assert self._process is not None
        try:
            send_request(self._control, request, descriptors)
            answer = receive(self._control)
        except OSError:
            answer = None
        if answer is None:
            self._process.kill()
            return None
        return answer.message


def _post(sock: socket.socket, message: Message) -> None:
    with contextlib.suppress(OSError):  # should it be gone already, waiting for it will tell
        send(sock, message)


def raise_reported(message: Message) -> NoReturn:
    """Raise the error that a process has reported."""
    match message:
        case Failed(error, text):
            kind = getattr(molq.errors, error)
            assert issubclass(kind, MolqError)
            raise kind(text)
        case Short(text):
            raise ShortageError(f"a worker process ran short ({text}); free memory, or take fewer `workers`")
        case Broken(text):
            raise RuntimeError(f"a worker process failed:\n{text}")
    raise AssertionError(f"{message} is no report of an error")

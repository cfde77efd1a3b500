"""The process that loads the model once and forks workers from it: ``python -m molq.screening.workers.server FD``.

Forking after loading shares the model and the libraries between workers and replaces a dead worker in milliseconds. It
is safe because no numerical thread exists at the fork: those libraries are held to one thread before they load.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import traceback
from typing import Any

from molq.errors import MolqError
from molq.screening.workers.wire import Message, receive, send

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
_EXIT_WHEN_PARENT_DIES = 1  # PR_SET_PDEATHSIG
_DONTNEED = 4  # MADV_DONTNEED


def main() -> None:
    """Serve the parent: load, then fork a worker or report how one ended, until the parent is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first = receive(control)
    if first is None:
        return
    try:
        worker = _load(first.head)
    except MolqError as error:
        send(control, Message({"failed": type(error).__name__, "message": str(error)}))
        return
    except Exception:
        send(control, Message({"error": traceback.format_exc()}))
        return
    send(control, Message({"ready": list(worker.task_names)}))
    while True:
        request, descriptors = _request(control)
        if request is None:
            return
        if "wait" in request:
            send(control, Message({"status": _ending(request["wait"])}))
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            _die_with_parent()
            _serve(worker, socket.socket(fileno=descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])
        send(control, Message({"pid": pid}))
        _let_go_of_code()


def _load(head: dict[str, Any]) -> Any:
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"
    from molq.screening.workers.chunk_work import load_worker
    from molq.screening.workers.job import Job

    worker = load_worker(Job.from_json(head["job"]))
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    worker.warm_up()
    return worker


def _serve(worker: Any, sock: socket.socket) -> None:
    """Answer chunks until the parent closes the socket."""
    from molq.records.chunk import Chunk

    def announce(block: tuple[int, int] | None) -> None:
        send(sock, Message({"at": block}))

    while True:
        waiting = time.perf_counter()
        message = receive(sock)
        if message is None:
            return
        waited = time.perf_counter() - waiting
        head = message.head
        layout, first_row, n_rows = head["chunk"]
        chunk = Chunk(layout, first_row, n_rows, message.body)
        skipped = {int(row): reason for row, reason in head["skipped"].items()}
        try:
            result = worker.run(chunk, skipped, head["bounds"], head["blocks"], announce)
        except MolqError as error:
            send(sock, Message({"failed": type(error).__name__, "message": str(error)}))
            continue
        except Exception as error:
            send(sock, Message({"error": f"{type(error).__name__}: {error}"}))
            continue
        seconds = {**result.seconds, "wait": waited}
        send(sock, Message({"done": [result.n_rows, result.scored, result.reasons, seconds]}, result.body))


def _ending(pid: int) -> int | None:
    """Exit code of a worker, minus the signal that killed it; None for a worker of an earlier server."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return None


def _request(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """One line of JSON, and the file descriptors that came with it."""
    data, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
    return (json.loads(data) if data else None), descriptors


def _let_go_of_code() -> None:
    """On Linux, give back the pages of program code: only the workers run it from now on. They come back at need."""
    if sys.platform != "linux":
        return
    import ctypes

    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    with open("/proc/self/maps") as maps:
        for line in maps:
            addresses, access, _, _, inode = line.split()[:5]
            if access == "r-xp" and inode != "0":
                start, stop = (int(address, 16) for address in addresses.split("-"))
                madvise(start, stop - start, _DONTNEED)


def _die_with_parent() -> None:
    """On Linux, be killed when the parent dies, however it dies."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_EXIT_WHEN_PARENT_DIES, signal.SIGKILL)


if __name__ == "__main__":
    main()

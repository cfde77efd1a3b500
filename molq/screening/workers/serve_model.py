"""The process that loads the model once and forks workers from it: ``python -m molq.screening.workers.serve_model FD``.

Forking after loading shares the model and the libraries between workers and replaces a dead worker in milliseconds. It
is safe because no numerical thread exists at the fork: those libraries are held to one thread by the environment.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time
import traceback
from typing import TYPE_CHECKING

from molq.errors import MolqError
from molq.records.chunk import Chunk
from molq.screening.blocks import Block
from molq.screening.workers.messages import (
    At,
    Broken,
    ChunkDone,
    Ended,
    Failed,
    Forked,
    Load,
    Ready,
    Short,
    Wait,
    Work,
)
from molq.screening.workers.wire import receive, receive_request, send
from molq.shortage import in_a_line, is_shortage

if TYPE_CHECKING:
    from molq.screening.workers.chunk_work import RunsChunks
    from molq.screening.workers.job import Job

_EXIT_WHEN_PARENT_DIES = 1  # PR_SET_PDEATHSIG
_DONTNEED = 4  # MADV_DONTNEED


def main() -> None:
    """Serve the parent: load, then fork a worker or report how one ended, until the parent is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first = receive(control)
    if first is None:
        return
    assert isinstance(first.message, Load)
    try:
        worker = _load(first.message.job)
    except MolqError as error:
        send(control, Failed(type(error).__name__, str(error)))
        return
    except Exception as error:
        send(control, Short(in_a_line(error)) if is_shortage(error) else Broken(traceback.format_exc()))
        return
    send(control, Ready(worker.columns))
    while True:
        request, descriptors = receive_request(control)
        if request is None:
            return
        if isinstance(request, Wait):
            send(control, Ended(_ending(request.pid)))
            continue
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptors[0])
            send(control, Short(in_a_line(error)))
            continue
        if pid == 0:
            control.close()
            die_with_parent()
            _work(worker, socket.socket(fileno=descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])
        send(control, Forked(pid))
        _let_go_of_code()


def _load(job: Job) -> RunsChunks:
    from molq.screening.workers.chunk_work import named_function

    gc.disable()  # what is imported stays, and looking through it again and again takes a tenth of the time
    worker: RunsChunks = named_function(job.maker)(job)
    gc.freeze()
    gc.enable()
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    worker.warm_up()
    return worker


def _work(worker: RunsChunks, sock: socket.socket) -> None:
    """Answer chunks until the parent closes the socket, or the machine runs short of something."""
    try:
        _answer(worker, sock)
    except Exception as error:
        if not is_shortage(error):
            raise
        send(sock, Short(in_a_line(error)))


def _answer(worker: RunsChunks, sock: socket.socket) -> None:

    def announce(block: Block | None) -> None:
        send(sock, At(block))

    while True:
        waiting = time.perf_counter()
        received = receive(sock)
        if received is None:
            return
        waited = time.perf_counter() - waiting
        work = received.message
        assert isinstance(work, Work)
        chunk = Chunk(work.layout, work.first_row, work.n_rows, received.body)
        try:
            result = worker.run(chunk, work.skipped, work.bounds, work.blocks, announce, is_alone=work.is_alone)
        except MolqError as error:
            send(sock, Failed(type(error).__name__, str(error)))
            continue
        except Exception as error:
            if is_shortage(error):
                raise
            send(sock, Broken(f"{type(error).__name__}: {error}"))
            continue
        seconds = {**result.seconds, "wait": waited}
        done = ChunkDone(
            result.n_rows,
            result.scored,
            result.reasons,
            seconds,
            result.n_trailing,
            result.n_audited,
            result.difference,
        )
        send(sock, done, result.body)


def _ending(pid: int) -> int | None:
    """Exit code of a worker, minus the signal that killed it; None for a worker of an earlier process."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return None


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


def die_with_parent() -> None:
    """On Linux, be killed when the parent dies, however it dies."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_EXIT_WHEN_PARENT_DIES, signal.SIGKILL)


if __name__ == "__main__":
    main()

"""uvicorn at a socket, until it is stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from molq.screening.workers.job import ModelSource
from molq.server.app import make_app
from molq.server.jobs.folder import JobFolder
from molq.server.jobs.queue import JobQueue
from molq.server.limits import Limits
from molq.server.pool.workers import WorkerPool
from molq.server.protocol import protocol_within
from molq.server.reference import ReferenceLibrary
from molq.server.service import Service

_KEEP_ALIVE_S = 15
_GOODBYE_S = 5


def listen(
    sock: socket.socket,
    sources: Sequence[ModelSource],
    limits: Limits,
    token: str | None,
    n_workers: int,
    timeout_per_molecule: float,
    data: Path,
    reference: ReferenceLibrary,
    started: Callable[[], None],
) -> None:
    """Load the models and answer until a signal comes; ``started`` is called before the first answer.

    Raises OutputError when another server keeps its jobs in ``data``.
    """
    folder = JobFolder(data)
    pool = WorkerPool(sources, n_workers, timeout_per_molecule)
    jobs = JobQueue(folder, sources, max(1, n_workers - 1), timeout_per_molecule, limits.data_bytes)
    app = make_app(Service(pool, limits), token, jobs, reference)
    config = uvicorn.Config(
        app,
        http=protocol_within(limits),
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GOODBYE_S,
    )
    started()
    uvicorn.Server(config).run(sockets=[sock])

"""uvicorn at a socket, until it is stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

import uvicorn

from molq.screening.workers.job import ModelSource
from molq.server.app import make_app
from molq.server.limits import Limits
from molq.server.pool.workers import WorkerPool
from molq.server.protocol import protocol_within
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
    started: Callable[[], None],
) -> None:
    """Load the models and answer until a signal comes; ``started`` is called before the first answer."""
    pool = WorkerPool(sources, n_workers, timeout_per_molecule)
    app = make_app(Service(pool, limits), token)
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

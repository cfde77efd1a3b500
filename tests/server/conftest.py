"""A server in this process, with the real model and worker processes, for all tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from molq.server.jobs.folder import JobFolder
from molq.server.jobs.queue import JobQueue
from molq.server.limits import Limits
from molq.server.pool.workers import WorkerPool
from molq.server.reference import ReferenceLibrary
from molq.server.run import named_sources
from molq.server.service import Service

HERE = Path(__file__).parent
SCREENING = HERE.parent / "screening"
for folder in (HERE, SCREENING):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))  # so that worker processes find fake_scorers

from server_client import client_of  # noqa: E402

MODEL = "bace-dmpnn"
LIMITS = Limits(rows=2000, body_bytes=1 << 20, pictures=20)


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    pool = WorkerPool(named_sources([MODEL, "esol-dmpnn"]), 2, 10.0)
    yield Service(pool, LIMITS)
    pool.close()


@pytest.fixture(scope="session")
def queue(tmp_path_factory: pytest.TempPathFactory) -> JobQueue:
    folder = JobFolder(tmp_path_factory.mktemp("jobs"))
    return JobQueue(folder, named_sources([MODEL, "esol-dmpnn"]), 1, 10.0, LIMITS.data_bytes)


@pytest.fixture(scope="session")
def client(service: Service, queue: JobQueue) -> Iterator[TestClient]:
    """It ends the pool and the queue."""
    with client_of(service, jobs=queue, reference=ReferenceLibrary("three", ("C", "CCO", "c1ccccc1"))) as client:
        yield client

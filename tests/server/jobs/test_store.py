from __future__ import annotations

import sqlite3

import pytest
from msgspec.structs import replace
from server_jobs import JOB

from molq.errors import OutputError
from molq.server.jobs.store import JobStore


def test_jobs_outlive_the_store(tmp_path):
    path = tmp_path / "jobs.sqlite"
    store = JobStore(path)
    store.add(JOB)
    store.add(replace(JOB, id="b2"))
    store.put(replace(JOB, state="done", reasons={"é": 3}))
    store.close()
    again = JobStore(path)
    assert [job.id for job in again.all()] == ["a1", "b2"]
    assert again.get("a1") == replace(JOB, state="done", reasons={"é": 3})
    again.remove("a1")
    again.put(JOB)
    assert again.get("a1") is None
    again.close()


def test_a_store_that_cannot_be_used_is_told(tmp_path):
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(OutputError, match="cannot be used"):
        JobStore(path)
    path.unlink()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(OutputError, match="another version of molq"):
        JobStore(path)

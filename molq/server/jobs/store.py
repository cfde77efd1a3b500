"""The jobs of a server in a SQLite file, which outlives it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import msgspec

from molq.errors import OutputError
from molq.serial import to_json
from molq.server.jobs.job import ScreenJob

_FORMAT = 1
_TABLE = """CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, job BLOB NOT NULL
)"""


class JobStore:
    """Each job as JSON, in the order in which they came. Threads may share it.

    Raises OutputError when the file is of another version of molq, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        with self._errors():
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            found = self._database.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, _FORMAT):
                raise OutputError(f"{path} was written by another version of molq (format {found}); move it away")
            self._database.execute(_TABLE)
            self._database.execute(f"PRAGMA user_version={_FORMAT}")

    def add(self, job: ScreenJob) -> None:
        with self._lock, self._errors():
            self._database.execute("INSERT INTO jobs (id, job) VALUES (?, ?)", (job.id, to_json(job)))

    def put(self, job: ScreenJob) -> None:
        """Keep what has become of a job; one that was removed meanwhile stays so."""
        with self._lock, self._errors():
            self._database.execute("UPDATE jobs SET job = ? WHERE id = ?", (to_json(job), job.id))

    def get(self, id: str) -> ScreenJob | None:
        with self._lock, self._errors():
            row = self._database.execute("SELECT job FROM jobs WHERE id = ?", (id,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=ScreenJob)

    def all(self) -> list[ScreenJob]:
        """The oldest first."""
        with self._lock, self._errors():
            rows = self._database.execute("SELECT job FROM jobs ORDER BY number").fetchall()
        return [msgspec.json.decode(row[0], type=ScreenJob) for row in rows]

    def remove(self, id: str) -> None:
        with self._lock, self._errors():
            self._database.execute("DELETE FROM jobs WHERE id = ?", (id,))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise OutputError(f"{self._path}: the store of jobs cannot be used ({error}); move it away") from error

"""The state of an unfinished run beside its output: what is done, for which inputs, and by whom it is written now."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from molq.errors import OutputError

if sys.platform != "win32":
    import fcntl

_MANIFEST = "manifest.json"


@dataclass
class Progress:
    """Rows done in finished shards, and what the sink needs to go on after them."""

    rows: int = 0
    scored: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    sink: dict[str, Any] = field(default_factory=dict)
    stdin_digest: str = ""
    """hash of the records read from standard input so far"""
    complete: bool = False


class RunDirectory:
    """``OUTPUT.molq-run``: a lock, the manifest and the sink's files. Removed when the output is in place.

    Raises OutputError when another process writes the same output, or when an earlier run was left unfinished and is
    neither resumed nor discarded.
    """

    def __init__(self, output: Path, identity: dict[str, Any], *, resume: bool, force: bool) -> None:
        self.path = output.with_name(output.name + ".molq-run")
        self._identity = identity
        self._lock: int | None = None
        self.progress = Progress()
        unfinished = (self.path / _MANIFEST).exists()
        if unfinished and not (resume or force):
            raise OutputError(f"{self.path}: an unfinished run; continue it with --resume, or start over with --force")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            if unfinished and resume:
                self.progress = self._load()
            else:
                self._clear()
                self.save()
        except OSError as error:
            self._release()
            raise output_error(self.path, error) from error
        except OutputError:
            self._release()
            raise

    def save(self) -> None:
        """Make ``progress`` durable, whole or not at all."""
        text = json.dumps({"run": self._identity, "progress": asdict(self.progress)}, indent=1)
        write_durably(self.path / _MANIFEST, text.encode())

    def remove(self) -> None:
        """The output is in place."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.close()

    def close(self) -> None:
        """Let go of the directory, and take it away when no shard was finished: there is nothing to resume."""
        if self._lock is not None and self.progress.rows == 0 and self.path.exists():
            shutil.rmtree(self.path, ignore_errors=True)
        self._release()

    def _take_lock(self) -> None:
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"{self.path}: another molq process is writing this output") from error

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _load(self) -> Progress:
        try:
            manifest = json.loads((self.path / _MANIFEST).read_text())
            before, progress = manifest["run"], Progress(**manifest["progress"])
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{self.path}: the manifest is damaged; start over with --force") from error
        for key, value in json.loads(json.dumps(self._identity)).items():
            if before.get(key) != value:
                raise OutputError(
                    f"{self.path}: the run cannot be resumed: {_difference(key, before.get(key), value)}; "
                    "start over with --force"
                )
        return progress

    def _clear(self) -> None:
        for path in self.path.iterdir():
            if path.name != "lock":
                path.unlink()


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it holds either its old content or all of the new."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_directory(path.parent)


def sync_file(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def output_error(path: Path, error: OSError) -> OutputError:
    """What went wrong with an output, and what to do."""
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(f"{path}: no space left on the device; free some and continue with --resume")
    return OutputError(f"{path}: {error.strerror or error}")


def _difference(key: str, before: Any, now: Any) -> str:
    if key == "inputs":
        known = {(entry["name"], entry["content"]) for entry in before or []}
        changed = [entry["name"] for entry in now if (entry["name"], entry["content"]) not in known]
        return f"the input has changed ({', '.join(changed[:3]) or 'other files'})"
    if key == "model":
        return "the model has changed"
    return f"{key} was {before!r}, now {now!r}"

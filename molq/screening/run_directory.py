"""The state of an unfinished run beside its output: what is done, for which inputs, and by whom it is written now."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
from filelock import BaseFileLock

from molq.errors import InputError, OutputError
from molq.files import output_error, take_lock, write_whole
from molq.screening.identity import Identity, difference
from molq.serial import from_json, to_json

RESUME = "mend that, and continue with `resume`"
_MANIFEST = "manifest.json"
_LOCK = "lock"


class Tally(msgspec.Struct, forbid_unknown_fields=True):
    """What finished shards came to, and what is needed to go on after them."""

    rows: int = 0
    scored: int = 0
    reasons: dict[str, int] = {}
    audited: int = 0
    """molecules of the fast path that RDKit parsed too"""
    mark: int = 0
    """of the sink"""
    stdin_digest: str = ""
    """hash of the records read from standard input so far"""
    complete: bool = False

    @property
    def rejected(self) -> int:
        return self.rows - self.scored


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """The file that makes a run go on after a crash."""

    run: Identity
    done: Tally


def run_directory_of(output: Path) -> Path:
    """``OUTPUT.molq-run``, which exists while a run is unfinished."""
    return output.with_name(output.name + ".molq-run")


class RunDirectory:
    """A lock, the manifest and the sink's files. Removed when the output is in place.

    Raises OutputError when another process writes the same output, or when an earlier run was left unfinished and is
    neither resumed nor discarded.
    """

    def __init__(self, output: Path, identity: Identity, *, resume: bool, force: bool) -> None:
        self.path = run_directory_of(output)
        self._identity = identity
        self._lock: BaseFileLock | None = None
        self.done = Tally()
        unfinished = (self.path / _MANIFEST).exists()
        if unfinished and not (resume or force):
            raise OutputError(f"{self.path}: an unfinished run; continue it with `resume`, or start over with `force`")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = take_lock(self.path / _LOCK, f"{self.path}: another molq process is writing this output")
            if unfinished and resume:
                self.done = self._load()
            else:
                self._clear()
                self.save()
        except OSError as error:
            self._release()
            raise output_error(self.path, error, RESUME) from error
        except OutputError:
            self._release()
            raise

    def save(self) -> None:
        """Make ``done`` durable, whole or not at all."""
        write_whole(self.path / _MANIFEST, to_json(Manifest(self._identity, self.done)))

    def remove(self) -> None:
        """The output is in place."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.close()

    def close(self) -> None:
        """Let go of the directory, and take it away when no shard was finished: there is nothing to resume."""
        if self._lock is not None and self.done.rows == 0 and self.path.exists():
            shutil.rmtree(self.path, ignore_errors=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _load(self) -> Tally:
        try:
            manifest = from_json((self.path / _MANIFEST).read_bytes(), Manifest, str(self.path))
        except InputError as error:
            raise OutputError(
                f"{error}: the manifest is damaged or of another molq; start over with `force`"
            ) from error
        changed = difference(manifest.run, self._identity)
        if changed is not None:
            raise OutputError(f"{self.path}: the run cannot be resumed: {changed}; start over with `force`")
        return manifest.done

    def _clear(self) -> None:
        for path in self.path.iterdir():
            if path.name != _LOCK:
                path.unlink()

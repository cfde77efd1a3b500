"""The state of an unfinished run beside its output: what is done, for which inputs, and by whom it is written now."""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path

import msgspec
from filelock import BaseFileLock

from molq.errors import InputError, OutputError
from molq.files import output_error, put_in_place, take_lock, write_whole
from molq.screening.identity import Identity, difference
from molq.screening.output.format import Finished
from molq.serial import from_json, to_json

RESUME = "mend that, and continue with `resume`"
_MANIFEST = "manifest.json"
_LOCK = "lock"
_MARKER = "molq-run.txt"
_MARKED = b"molq keeps an unfinished run in this folder, and removes it when the run is done.\n"
_OWN = re.compile(
    r"manifest\.json|lock|molq-run\.txt|part|whole(-\d+|\.parquet)|shard-\d+\.parquet|best-\d+\.msgpack"
    r"|\.(manifest\.json|molq-run\.txt|best-\d+\.msgpack)\.[0-9a-f]{8}\.part"
)
"""names of the files that a run makes here; no other is ever removed"""
_REMOVED = {_MANIFEST: 0, _MARKER: 2, _LOCK: 3}
"""the order in which they go, so that whenever it is broken off the next run knows what the rest is"""


class Tally(msgspec.Struct, forbid_unknown_fields=True):
    """What finished shards came to, and what is needed to go on after them."""

    rows: int = 0
    scored: int = 0
    reasons: dict[str, int] = {}
    trailing: int = 0
    """scored rows with text after their SMILES"""
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
    force: bool
    """whether the run was begun with leave to replace what has the name of an output"""
    sha256: str = ""
    """of all the rest: a number that was altered may look as good as any"""

    def signed(self) -> Manifest:
        """The same with its hash."""
        unsigned = msgspec.structs.replace(self, sha256="")
        return msgspec.structs.replace(self, sha256=hashlib.sha256(to_json(unsigned)).hexdigest())


def run_directory_of(output: Path) -> Path:
    """``OUTPUT.molq-run``, which exists while a run is unfinished."""
    return output.with_name(output.name + ".molq-run")


def may_replace(output: Path, *, resume: bool) -> bool:
    """Whether an earlier run that goes on now was given leave to replace its outputs, or may have made some itself."""
    try:
        manifest = _read_manifest(run_directory_of(output))
    except (OSError, InputError):
        return False
    return manifest.done.complete or (resume and manifest.force)


class RunDirectory:
    """A marker, a lock, the manifest and the sink's files. They, and nothing else, go when the output is in place.

    Raises OutputError when something that molq did not make, or a link, has the name of the directory or of a file in
    it, when another process writes the same output, when an earlier run was left unfinished and is
    neither resumed nor discarded (one that has scored every row needs no word: it is brought to its end), and from any
    call after this directory was removed or replaced by another run: what is there is not touched.
    """

    def __init__(self, output: Path, identity: Identity, *, resume: bool, force: bool) -> None:
        self.path = run_directory_of(output)
        self._identity, self._force = identity, force
        self._lock: BaseFileLock | None = None
        self.done = Tally()
        is_new = self._is_new()
        unfinished = (self.path / _MANIFEST).exists()
        resume = resume or (not force and may_replace(output, resume=False))
        if unfinished and not (resume or force):
            raise OutputError(f"{self.path}: an unfinished run; continue it with `resume`, or start over with `force`")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = take_lock(self.path / _LOCK, f"{self.path}: another molq process is writing this output")
            self._held = _file_at(self.path / _LOCK)
            write_whole(self.path / _MARKER, _MARKED)
            if unfinished and resume:
                self.done = self._load()
            else:
                for path in self._files():
                    if path.name not in (_MARKER, _LOCK):
                        path.unlink()
                self.save()
        except (OSError, OutputError) as error:
            if is_new:
                self.remove()
            self._release()
            if isinstance(error, OutputError):
                raise
            raise output_error(self.path, error, RESUME) from error

    def check(self) -> None:
        """Returns while the directory is the one that this run has made or taken up."""
        if not self._is_own():
            raise OutputError(
                f"{self.path} was removed or replaced while this run went on, and what it has scored is lost;"
                " nothing else was touched. Start it again when no other run writes this output"
            )

    def save(self) -> None:
        """Make ``done`` durable, whole or not at all."""
        self.check()
        write_whole(self.path / _MANIFEST, to_json(Manifest(self._identity, self.done, self._force).signed()))

    def put_in_place(self, finished: Finished) -> Path:
        """Give a file of the output its name, if that was not done before. OSErrors pass."""
        self.check()
        if finished.part.exists():
            put_in_place(finished.part, finished.path, force=self._force)
        elif not finished.path.exists():
            raise OutputError(f"{finished.path} was put in place and is gone; start over with `force`")
        return finished.path

    def remove(self) -> None:
        """The output is in place."""
        if self._is_own():
            with contextlib.suppress(OSError):
                for path in sorted(self._files(), key=lambda path: _REMOVED.get(path.name, 1)):
                    path.unlink()
                self.path.rmdir()  # where a user has put something beside, the folder stays with it
        self._release()

    def close(self) -> None:
        """Let go of the directory, and take it away when no shard was finished: there is nothing to resume."""
        if self.done.rows == 0:
            self.remove()
        self._release()

    def _is_own(self) -> bool:
        """Whether the lock that is held lies where it was made."""
        return self._lock is not None and _file_at(self.path / _LOCK) == self._held

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _load(self) -> Tally:
        try:
            manifest = _read_manifest(self.path)
        except InputError as error:
            raise OutputError(
                f"{error}: the manifest is damaged or of another molq; start over with `force`"
            ) from error
        changed = difference(manifest.run, self._identity)
        if changed is not None:
            raise OutputError(f"{self.path}: the run cannot be resumed: {changed}; start over with `force`")
        self._force = self._force or manifest.force
        return manifest.done

    def _is_new(self) -> bool:
        """Whether no run has begun in the directory. Raises OutputError when there is one that molq has not marked."""
        remedy = "move it away, or choose another output"
        try:
            found = list(self.path.iterdir()) if self.path.is_dir() else []
            is_other = self.path.is_symlink() or (self.path.exists() and not self.path.is_dir())
        except OSError as error:
            raise output_error(self.path, error, RESUME) from error
        if is_other:
            raise OutputError(f"{self.path} is no folder that molq made, but has the name of one; {remedy}")
        if links := [path for path in found if path.is_symlink() and _OWN.fullmatch(path.name)]:
            raise OutputError(f"{links[0]} is a link, which molq does not follow here; {remedy}")
        is_new = all(path.name == _LOCK and path.stat().st_size == 0 for path in found)
        if not is_new and not _holds(self.path / _MARKER, _MARKED):
            raise OutputError(f"{self.path} is no folder that molq made, and nothing in it is touched; {remedy}")
        return is_new

    def _files(self) -> list[Path]:
        """Those that a run has made."""
        return [path for path in self.path.iterdir() if _OWN.fullmatch(path.name) and path.is_file()]


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _file_at(path: Path) -> tuple[int, int] | None:
    """Which file has this name, None for none; while one is held open, no other is called the same."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _read_manifest(folder: Path) -> Manifest:
    """Raises InputError when it is damaged, or was altered since it was written."""
    manifest = from_json((folder / _MANIFEST).read_bytes(), Manifest, str(folder))
    if manifest != manifest.signed():
        raise InputError(f"{folder}: its content does not match its hash")
    return manifest

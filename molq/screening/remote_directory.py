"""The state of an unfinished run whose output lies in a store: a folder here, copied there shard by shard."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import tempfile
from pathlib import Path

import msgspec

from molq.errors import InputError, OutputError
from molq.files import open_file, output_error, put_in_place
from molq.remote.listing import exists, objects_below
from molq.remote.writing import delete, put
from molq.screening.identity import Identity, difference
from molq.screening.output.format import Finished
from molq.screening.run_directory import RESUME, Manifest, Tally
from molq.serial import from_json, to_json
from molq.urls import name_in, url_of

_MANIFEST = "manifest.json"
_SESSION = "session"
"""who writes now: a store has no locks"""
_COPY_BYTES = 8 << 20
_NAME = re.compile(r"\w[\w.-]*")
"""of a file of a run, in its folder and in no other"""
_WHOLE = "whole"
"""how the names of files begin that are made at the end, of the others"""


class RemoteManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The object that makes a run go on after a crash, on any machine."""

    manifest: Manifest
    sizes: dict[str, int]
    """file → its bytes when the shard was finished"""


class RemoteDirectory:
    """What a run leaves in ``OUTPUT.molq-run/`` of a store, and works on in a folder of this machine.

    After each shard what its files have grown by is an object of its own, ``NAME@START``, and the manifest comes last,
    so that any machine can go on from there. Raises OutputError as ``RunDirectory`` does; two runs of one output are
    seen by the later one's session, since nothing in a store can be locked.
    """

    def __init__(self, output: Path, identity: Identity, *, resume: bool, force: bool) -> None:
        self._url = remote_directory_of(output)
        self._identity, self._force = identity, force
        self._session = secrets.token_hex(16).encode()
        self._sent: dict[str, int] = {}
        """file → bytes that are in the store"""
        self.done = Tally()
        self.path = Path(tempfile.mkdtemp(prefix="molq-run-"))
        try:
            self._begin(resume=resume, force=force)
        except OSError as error:
            shutil.rmtree(self.path, ignore_errors=True)
            raise output_error(self._url, error, RESUME) from error
        except BaseException:
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def check(self) -> None:
        """Returns while no other run has begun to write the same output."""
        try:
            with open_file(self._object(_SESSION)) as file:
                is_own = file.read() == self._session
        except FileNotFoundError:
            is_own = False
        if not is_own:
            raise OutputError(
                f"{self._url} was removed or taken up by another run while this one went on, which ends here; nothing"
                " was touched. Start it again when no other run writes this output"
            )

    def save(self) -> None:
        """Make ``done`` durable in the store: what files have grown by, then the manifest, then what is left over."""
        self.check()
        names = {
            path.name: path.stat().st_size for path in self.path.iterdir() if not path.name.startswith((_WHOLE, "."))
        }
        for name, size in sorted(names.items()):
            start = self._sent.setdefault(name, 0)
            if size > start:
                with (self.path / name).open("rb") as file:
                    file.seek(start)
                    put(file.read(), self._object(f"{name}@{start:020d}"))
                self._sent[name] = size
        manifest = Manifest(self._identity, self.done, self._force).signed()
        gone = [name for name in self._sent if name not in names]
        self._sent = {name: self._sent[name] for name in names}
        put(to_json(RemoteManifest(manifest, self._sent)), self._object(_MANIFEST))
        for name in gone:
            self._delete(f"{name}@")

    def put_in_place(self, finished: Finished) -> Path:
        """Give a file of the output its name, if that was not done before. OSErrors pass."""
        self.check()
        if finished.part.exists():
            put_in_place(finished.part, finished.path, force=self._force)
        elif not exists(url_of(finished.path)):
            raise OutputError(f"{finished.path} was put in place and is gone; start over with `force`")
        return finished.path

    def remove(self) -> None:
        """The output is in place."""
        with contextlib.suppress(OSError, OutputError):
            self.check()
            self._delete(_MANIFEST)
            self._delete("")
            delete(self._object(_SESSION))
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        """Let go of the folder here, and of the store's when no shard was finished: there is nothing to resume."""
        if self.done.rows == 0:
            self.remove()
        shutil.rmtree(self.path, ignore_errors=True)

    def _begin(self, *, resume: bool, force: bool) -> None:
        kept = None if force and not resume else kept_manifest(self._url)
        found = None if kept is None else kept.manifest
        resume = resume or (found is not None and not force and found.done.complete)
        if found is not None and not (resume or force):
            raise OutputError(f"{self._url}: an unfinished run; continue it with `resume`, or start over with `force`")
        put(self._session, self._object(_SESSION))
        if kept is not None and found is not None and resume:
            changed = difference(found.run, self._identity)
            if changed is not None:
                raise OutputError(f"{self._url}: the run cannot be resumed: {changed}; start over with `force`")
            self._force = self._force or found.force
            self.done, self._sent = found.done, kept.sizes
            self._fetch()
        else:
            self._delete(_MANIFEST)
            self._delete("")
            self.save()

    def _fetch(self) -> None:
        """The files as they were when the last shard was finished; what a crash has left behind it is not taken."""
        pieces = {name_in(url): url for url in objects_below(self._url)}
        for name, size in self._sent.items():
            with (self.path / name).open("wb") as file:
                while (start := file.tell()) < size:
                    url = pieces.get(f"{name}@{start:020d}")
                    if url is None:
                        raise OutputError(f"{self._url}: a piece of {name} is missing; start over with `force`")
                    with open_file(url) as piece:
                        shutil.copyfileobj(piece, file, _COPY_BYTES)
                file.truncate(size)

    def _delete(self, beginning: str) -> None:
        """The objects whose names begin so, the session aside."""
        for url in objects_below(self._url):
            if name_in(url).startswith(beginning) and name_in(url) != _SESSION:
                delete(url)

    def _object(self, name: str) -> str:
        return f"{self._url}/{name}"


def remote_directory_of(output: Path) -> str:
    """``OUTPUT.molq-run`` in the store."""
    return f"{url_of(output)}.molq-run"


def kept_manifest(url: str) -> RemoteManifest | None:
    """What an unfinished run has left at the URL of its folder, None for nothing. OSErrors pass.

    Raises OutputError when it is damaged.
    """
    try:
        with open_file(f"{url}/{_MANIFEST}") as file:
            content = file.read()
    except FileNotFoundError:
        return None
    try:
        kept = from_json(content, RemoteManifest, url)
        if kept.manifest != kept.manifest.signed():
            raise InputError(f"{url}: its content does not match its hash")
        if odd := [name for name in kept.sizes if not _NAME.fullmatch(name)]:
            raise InputError(f"{url}: {odd[0][:40]!r} is the name of no file of a run")
    except InputError as error:
        raise OutputError(f"{error}: the manifest is damaged or of another molq; start over with `force`") from error
    return kept

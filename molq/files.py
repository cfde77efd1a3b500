"""Files written whole or not at all, their hashes, and who holds them.

Every output of molq goes through here, so that nothing half-written looks whole; ``outputs`` says what may be written.
"""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import itertools
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, cast

from filelock import FileLock, Timeout

from molq.errors import InputError, MolqError, OutputError
from molq.remote.file import RemoteFile
from molq.remote.listing import exists
from molq.remote.writing import upload
from molq.urls import is_url, no_scheme, url_of


def make_folder(folder: str | Path) -> Path:
    """The directory, made with its parents where they are missing; a store needs none.

    Raises OutputError when it cannot be made.
    """
    if is_url(folder):
        return Path(folder)
    if words := no_scheme(folder):
        raise OutputError(words)
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    return Path(folder)


@contextlib.contextmanager
def whole_folder(folder: str | Path, *, force: bool) -> Iterator[Path]:
    """A hidden directory whose files get the names they have there in ``folder`` when the block ends without an error.

    Until then nothing that lies in ``folder`` is touched, and an error leaves nothing behind. With ``force`` files of
    these names are replaced, no other; see ``refuse_folder``. Without it, where one has appeared meanwhile, all are put
    into a new directory beside. Raises OutputError then and when they cannot be written, and calls them by their names
    in ``folder`` in the messages of errors that pass. Of a folder of a store the hidden directory is on this machine.
    """
    is_remote = is_url(folder)
    is_new = not is_remote and not Path(folder).exists()
    folder = make_folder(folder)
    try:
        hidden = Path(tempfile.mkdtemp(".part", ".molq.", None if is_remote else folder))
    except OSError as error:
        raise output_error(folder, error) from error
    try:
        yield hidden
        parts = sorted(path for path in hidden.rglob("*") if path.is_file())
        names = [part.relative_to(hidden) for part in parts]
        taken = [] if force else [name for name in names if is_taken(folder / name)]
        place = make_folder(free_name(folder)) if taken else folder
        for part, name in zip(parts, names, strict=True):
            put_in_place(part, make_folder((place / name).parent) / part.name, force=force)
        is_new = False
        if taken:
            raise OutputError(
                f"{folder / taken[0]} appeared meanwhile and is not overwritten; all files are in {place}"
            )
    except OSError as error:
        raise output_error(folder, error) from error
    except MolqError as error:
        error.args = (str(error).replace(str(hidden), url_of(folder)),)
        raise
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        if is_new:
            with contextlib.suppress(OSError):
                folder.rmdir()


def write_whole(path: str | Path, content: bytes | str, *, force: bool = True) -> None:
    """Writes a file, text as UTF-8 with its line ends as they are, so that ``path`` is never seen half-written.

    What stood there before is replaced with ``force`` alone; see ``refuse_output``. Lone surrogates, of names of files
    that are not UTF-8, are escaped. Raises OutputError when it cannot be written.
    """
    try:
        with whole_file(path, force=force) as file:
            file.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)
    except FileExistsError as error:
        raise OutputError(f"{path} appeared meanwhile and is not overwritten; choose another name") from error
    except OSError as error:
        raise output_error(path, error) from error


def free_name(path: str | Path) -> Path:
    """A path beside that nothing has: ``m-1.molq``, ``m-2.molq`` and so on for ``m.molq``."""
    path = Path(path) if is_url(path) else Path(os.path.realpath(path))
    first, dot, rest = path.name.partition(".")
    names = (path.with_name(f"{first}-{number}{dot}{rest}") for number in itertools.count(1))
    return next(name for name in names if not is_taken(name))


def is_taken(path: str | Path) -> bool:
    """Whether something has this name, a broken link too. OSErrors of a store pass."""
    return exists(url_of(path)) if is_url(path) else os.path.lexists(path)


@contextlib.contextmanager
def whole_file(path: str | Path, *, force: bool = True) -> Iterator[BufferedIOBase]:
    """A file open for writing and reading back, which gets its name ``path`` when the block ends without an error.

    Until then it is a hidden file beside it, and an error leaves nothing behind. A pipe or a device is written to as it
    comes. A symbolic link stays one, and the file it leads to is replaced. An object of a store is a file without a
    name on this machine, sent when the block ends. OSErrors go to the caller as they are, FileExistsError where there
    is a file already and ``force`` is off.
    """
    if is_url(path):
        with tempfile.TemporaryFile() as file:
            yield cast(BufferedIOBase, file)
            upload(cast(BinaryIO, file), url_of(path), force=force)
        return
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as file:
            yield file
        return
    part = _hidden_beside(path)
    try:
        with part.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            os.replace(part, path)
        else:
            _name_anew(part, path)
        sync_directory(path.parent)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path, *, force: bool) -> None:
    """Gives a file that is on the disk its name ``path``; the name is durable after. OSErrors pass.

    Raises OutputError when something else has that name and ``force`` is off, however short a while ago it appeared.
    A file of the same bytes is no obstacle: so a run that was interrupted among its outputs can name them all again.
    A symbolic link stays one, and the file it leads to is meant, in another file system too. To a store it is sent.
    """
    if is_url(path):
        _send(part, url_of(path), force=force)
        return
    place = Path(os.path.realpath(path))
    near = _in_file_system_of(place.parent, part)
    try:
        if force:
            os.replace(near, place)
        else:
            _name_anew(near, place)
    except FileExistsError as error:
        if not (place.is_file() and filecmp.cmp(near, place, shallow=False)):
            raise _appeared(path) from error
    finally:
        if near != part:
            near.unlink(missing_ok=True)
    part.unlink(missing_ok=True)
    sync_directory(place.parent)


def _send(part: Path, url: str, *, force: bool) -> None:
    with part.open("rb") as file:
        try:
            upload(file, url, force=force)
        except FileExistsError as error:
            file.seek(0)
            if stream_sha256(file) != file_sha256(url):
                raise _appeared(url) from error
    part.unlink()


def _appeared(path: str | Path) -> OutputError:
    return OutputError(f"{path} appeared meanwhile and is not overwritten; move it away, or pass `force` to replace it")


def _in_file_system_of(folder: Path, part: Path) -> Path:
    """The file, or a hidden copy of it in the folder, where it could not be renamed into it."""
    if part.stat().st_dev == folder.stat().st_dev:
        return part
    copy = _hidden_beside(folder / part.name)
    try:
        shutil.copyfile(part, copy)
        sync_file(copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _hidden_beside(path: Path) -> Path:
    """A name that no file has, and that any file system takes."""
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")


def _name_anew(part: Path, path: Path) -> None:
    """Raises FileExistsError when the name is taken; who asks the system first gets it."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: an empty file takes the name first
        path.open("xb").close()
        os.replace(part, path)


def sync_file(path: Path) -> None:
    """Makes what a file holds durable. OSErrors pass."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_directory(folder: Path) -> None:
    """Makes the names in a directory durable, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def output_error(path: str | Path, error: OSError, remedy: str = "choose another place") -> OutputError:
    """What went wrong with an output, and what to do."""
    return OutputError(f"{url_of(path)} cannot be written ({error.strerror or error}); {remedy}")


def file_sha256(path: str | Path) -> str:
    """64 hexadecimal digits. Raises InputError when it cannot be read, or is no file."""
    require_file(path, InputError)
    try:
        with open_file(path) as file:
            return stream_sha256(file)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def open_file(path: str | Path) -> BinaryIO:
    """A file, or what lies at a URL, open for reading. OSErrors pass."""
    return cast(BinaryIO, RemoteFile(url_of(path))) if is_url(path) else open(path, "rb")


def stream_sha256(file: BinaryIO | BufferedIOBase) -> str:
    """The same of what an open file still holds, from where it stands to its end. What reading raises goes on."""
    return hashlib.file_digest(cast(BufferedIOBase, file), "sha256").hexdigest()


def require_file(path: str | Path, error: type[MolqError]) -> None:
    """Returns when ``path`` is a file, or nothing at all.

    Raises ``error`` for a pipe, which can be read only once and may never begin, for a device, and for a directory.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise error(f"{path}: {kind_of_place(mode)}, not a file; save what it holds to a file and name that")


def kind_of_place(mode: int) -> str:
    """What a path leads to that is no file, in words, by its mode."""
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def take_lock(path: str | Path, held: str) -> FileLock:
    """The lock at ``path``, until its ``release``; it ends with the process, so a crash holds nobody up.

    Raises OutputError with the text ``held`` while another process has it.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError(held) from error
    return lock

"""Files: may an output be written, writing it whole or not at all, its hash, and who holds it.

Every output of molq goes through here, so that nothing overwrites an input and nothing half-written looks whole.
"""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path

from filelock import FileLock, Timeout

from molq.errors import InputError, MolqError, OutputError


def refuse_output(path: str | Path, inputs: Iterable[str | Path] = (), *, force: bool) -> None:
    """Returns when a file may be written at ``path``; nothing is touched.

    Raises OutputError when it is one of ``inputs`` by whatever name (those that are no files do not count), is a
    folder, lies in a folder that is missing or may not be written to, or exists while ``force`` is off.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: no such directory; make it first, or choose another place for {path.name}")
    if path.is_dir():
        raise OutputError(f"{path} is a directory; choose the name of a file")
    if not path.exists():
        if not os.access(path.parent, os.W_OK):
            raise OutputError(f"{path}: the directory {path.parent} may not be written to; choose another place")
        return
    if any(os.path.exists(source) and path.samefile(source) for source in inputs):
        raise OutputError(f"{path} is an input and is not overwritten; choose another output")
    if not force:
        raise OutputError(f"{path} exists already; choose another name, or pass `force` to replace it")


def refuse_folder(folder: str | Path, holding: str, inputs: Iterable[str | Path] = (), *, force: bool) -> None:
    """Returns when outputs, of which ``holding`` is the chief one, may be written into ``folder``; nothing is touched.

    Raises OutputError when it is a file, when one of ``inputs`` lies in it, or when it holds such an output already
    while ``force`` is off.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file; choose a directory")
    for source in inputs:
        if os.path.exists(source) and Path(source).resolve().is_relative_to(folder.resolve()):
            raise OutputError(f"{source} is an input and lies in {folder}; choose another directory")
    if (folder / holding).exists() and not force:
        raise OutputError(
            f"{folder} holds {holding} already; choose another directory, or pass `force` to replace what it holds"
        )


def make_folder(folder: str | Path) -> Path:
    """The directory, made with its parents where they are missing. Raises OutputError when it cannot be."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    return Path(folder)


def write_whole(path: str | Path, content: bytes | str) -> None:
    """Writes a file, text as UTF-8 with its line ends as they are, so that ``path`` is never seen half-written.

    What stood there before is replaced; see ``refuse_output``. Raises OutputError when it cannot be written.
    """
    try:
        with whole_file(path) as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise output_error(path, error) from error


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[BufferedIOBase]:
    """A file open for writing and reading back, which gets its name ``path`` when the block ends without an error.

    Until then it is a hidden file beside it, and an error leaves nothing behind. A pipe or a device is written to as it
    comes. A symbolic link stays one, and the file it leads to is replaced. OSErrors go to the caller as they are.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as file:
            yield file
        return
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_directory(path.parent)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path, *, force: bool) -> None:
    """Gives a file that is on the disk its name ``path``; the name is durable after. OSErrors pass.

    Raises OutputError when something else has that name and ``force`` is off, however short a while ago it appeared.
    A file of the same bytes is no obstacle: so a run that was interrupted among its outputs can name them all again.
    """
    if force:
        os.replace(part, path)
    else:
        try:
            _name_anew(part, path)
        except FileExistsError as error:
            if not (path.is_file() and filecmp.cmp(part, path, shallow=False)):
                raise OutputError(
                    f"{path} appeared meanwhile and is not overwritten; move it away, or pass `force` to replace it"
                ) from error
        part.unlink(missing_ok=True)
    sync_directory(path.parent)


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
    return OutputError(f"{path} cannot be written ({error.strerror or error}); {remedy}")


def file_sha256(path: str | Path) -> str:
    """64 hexadecimal digits. Raises InputError when it cannot be read, or is no file."""
    require_file(path, InputError)
    try:
        with open(path, "rb") as file:
            return stream_sha256(file)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def stream_sha256(file: BufferedIOBase) -> str:
    """The same of what an open file still holds, from where it stands to its end. What reading raises goes on."""
    return hashlib.file_digest(file, "sha256").hexdigest()


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

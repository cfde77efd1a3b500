"""The sources a library consists of: files, standard input, or bytes in memory."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from molq.errors import InputError
from molq.files import kind_of_place
from molq.remote.listing import has_magic, is_folder, matching, objects_below
from molq.remote.opened import state_at
from molq.urls import is_url, name_in, no_scheme, seen, url_of

STDIN = "-"
FORMATS = ("csv", "tsv", "smi", "sdf", "parquet", "feather", "xlsx")
"""what a caller may say that a source is"""
SUFFIXES = {
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".smi": "text",
    ".smiles": "text",
    ".ism": "text",
    ".can": "text",
    ".cxsmiles": "text",
    ".sdf": "sdf",
    ".sd": "sdf",
    ".mol": "sdf",
    ".parquet": "parquet",
    ".feather": "feather",
    ".arrow": "feather",
    ".xlsx": "xlsx",
}
"""what a name promises; of texts the content tells the dialect"""
COMPRESSIONS = (".gz", ".bgz", ".bz2", ".xz", ".zst", ".zip")
READ = ".csv .tsv .txt .smi .ism .cxsmiles .sdf .mol .parquet .feather .xlsx"
"""the kinds to name in a message"""
_N_NAMED = 5


@dataclass(frozen=True)
class Source:
    """One source. ``promised`` is a format of ``SUFFIXES`` by its name, None where the name tells nothing."""

    path: str
    promised: str | None = None
    format: str | None = None
    """as the caller says, one of FORMATS; None to tell it from the content"""
    data: bytes | None = field(default=None, repr=False)
    """the bytes of a source in memory; ``path`` is then only its name"""
    optional: bool = False
    """found in a folder under a name that any text has: left out, and named, when it holds no molecules"""
    is_pipe: bool = False
    """a named pipe, or what a shell writes for <(COMMAND)"""

    @property
    def name(self) -> str:
        return "standard input" if self.path == STDIN and self.data is None else seen(self.path)

    @property
    def is_remote(self) -> bool:
        """Whether it lies in an object store or on a web server."""
        return self.data is None and is_url(self.path)

    @property
    def is_stream(self) -> bool:
        """Whether it can be read only once."""
        return (self.path == STDIN or self.is_pipe) and self.data is None

    @property
    def size_bytes(self) -> int | None:
        """None for standard input and pipes. What lies at a URL is asked for, by a request a call."""
        if self.is_stream:
            return None
        if self.is_remote:
            state = state_at(self.path)
            return state.size_bytes if state else 0
        return len(self.data) if self.data is not None else os.path.getsize(self.path)


class FoundSources(NamedTuple):
    """Sources in the order in which they are read, and what is not read."""

    sources: list[Source]
    notes: list[str]
    """one line for each folder that holds files of other kinds"""


def find_sources(library: str | Path | Sequence[str | Path], format: str | None = None) -> FoundSources:
    """The files named by paths, URLs, folders and glob patterns; of folders and patterns the files sorted by name.

    Raises InputError when a path does not exist, nothing matches, or a format is unknown.
    """
    if format is not None and format not in FORMATS:
        raise InputError(f"format {format!r} is none that is read; `format` is one of {', '.join(FORMATS)}")
    sources: list[Source] = []
    notes: list[str] = []
    for entry in [str(library)] if isinstance(library, str | Path) else map(str, library):
        if entry == STDIN:
            sources.append(Source(STDIN, None, format))
        elif is_url(entry):
            found, unread = _at_url(url_of(entry), format)
            sources += found
            notes += unread
        elif os.path.isdir(entry):
            found, unread = _in_folder(entry, format)
            sources += found
            notes += unread
        elif os.path.exists(entry):
            sources.append(Source(entry, promised(entry), format, is_pipe=_is_pipe(entry)))
        elif words := no_scheme(entry):
            raise InputError(words)
        elif glob.has_magic(entry):
            matches = sorted(path for path in glob.glob(entry, recursive=True) if os.path.isfile(path))
            if not matches:
                raise InputError(f"{entry}: no file matches this pattern")
            sources += [Source(path, promised(path), format) for path in matches]
        else:
            raise InputError(f"{entry}: no such file")
    if not sources:
        raise InputError("no library given")
    if len(sources) > 1 and any(source.is_stream for source in sources):
        raise InputError("standard input or a pipe is read alone, without other files beside it")
    return FoundSources(sources, notes)


def promised(path: str) -> str | None:
    """The format that a name promises: a value of SUFFIXES, or None."""
    lower = name_in(path).lower() if is_url(path) else os.path.basename(path).lower()
    suffix = os.path.splitext(lower)[1]
    while suffix in COMPRESSIONS:
        lower = lower.removesuffix(suffix)
        suffix = os.path.splitext(lower)[1]
    return SUFFIXES.get(suffix)


def _is_pipe(path: str) -> bool:
    """Whether it is a pipe, not a file. Raises InputError for a device, which may never end."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        raise InputError(f"{path}: {kind_of_place(mode)}, not a file of molecules; name a file, a pipe, or - for stdin")
    return stat.S_ISFIFO(mode)


def _at_url(url: str, format: str | None) -> tuple[list[Source], list[str]]:
    """What an object store or a web server has at a URL; whether a single object is there is seen when it is opened."""
    try:
        if has_magic(url):
            matches = matching(url)
            if not matches:
                raise InputError(f"{url}: no object matches this pattern")
            return [Source(match, promised(match), format) for match in matches], []
        if promised(url) is None and is_folder(url):
            below = [path for path in objects_below(url) if not name_in(path).startswith(".")]
            return _of_kinds(url, below, url.rstrip("/") + "/", format)
    except OSError as error:
        raise InputError(f"{url}: {error.strerror or error}") from error
    return [Source(url, promised(url), format)], []


def _in_folder(folder: str, format: str | None) -> tuple[list[Source], list[str]]:
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file() and not path.name.startswith("."))
    return _of_kinds(folder, [str(path) for path in files], os.path.join(folder, ""), format)


def _of_kinds(folder: str, files: list[str], prefix: str, format: str | None) -> tuple[list[Source], list[str]]:
    """The sources among the files of a folder, and a note of the others."""
    kinds = [promised(path) for path in files]
    found = [
        Source(path, kind, format, optional=".txt" in Path(path).suffixes)
        for path, kind in zip(files, kinds, strict=True)
        if kind is not None
    ]
    unread = [path.removeprefix(prefix) for path, kind in zip(files, kinds, strict=True) if kind is None]
    if not found:
        raise InputError(
            f"{folder}: no file in this directory is of a kind that is read"
            f" ({READ}, each also {' '.join(COMPRESSIONS)})"
        )
    return found, [_unread_note(folder, unread)] if unread else []


def _unread_note(folder: str, unread: Sequence[str]) -> str:
    named = ", ".join(unread[:_N_NAMED])
    more = f" and {len(unread) - _N_NAMED} more" if len(unread) > _N_NAMED else ""
    files = "1 file is" if len(unread) == 1 else f"{len(unread)} files are"
    return f"{folder}: {files} of another kind and not read: {named}{more}"

"""May outputs be written: every file that a command will write is checked before anything begins.

No input is ever overwritten, by whatever name or link, and nothing of a user's without leave.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from molq.errors import OutputError
from molq.files import output_error
from molq.remote.listing import exists, is_folder
from molq.urls import WEB, is_url, no_scheme, object_of, scheme_of, url_of


def refuse_outputs(paths: Sequence[str | Path], inputs: Iterable[str | Path] = (), *, force: bool) -> None:
    """Returns when one command may write files at all of ``paths``; nothing is touched.

    Raises OutputError as ``refuse_output`` does, and when two of them may be one file: through a link, or in a file
    system that takes capital and small letters for the same.
    """
    inputs, seen = list(inputs), dict[str, str | Path]()
    for path in paths:
        refuse_output(path, inputs, force=force)
        other = seen.setdefault(object_of(str(path)) if is_url(path) else os.path.realpath(path).casefold(), path)
        if other is not path:
            raise OutputError(f"{other} and {path} name one file, links and letter case aside; choose two names")


def refuse_output(path: str | Path, inputs: Iterable[str | Path] = (), *, force: bool) -> None:
    """Returns when a file may be written at ``path``; nothing is touched.

    Raises OutputError when it is one of ``inputs`` by whatever name or link (``-`` is what standard input is
    read from; those that are no files do not count), is a folder, has too long a name, lies in a folder that is missing
    or may not be written to, or exists while ``force`` is off. Of a URL it asks the store.
    """
    if is_url(path):
        _refuse_object(url_of(path), [url_of(source) for source in inputs], force=force)
        return
    if words := no_scheme(path):
        raise OutputError(words)
    path, place = Path(path), Path(os.path.realpath(path))
    if not place.parent.is_dir():
        raise OutputError(f"{place.parent}: no such directory; make it first, or choose another place for {path.name}")
    try:
        found = os.stat(place)
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise output_error(path, error, "choose another name") from error
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise OutputError(f"{path} is a directory; choose the name of a file")
    if found is not None and any(_is_same(found, source) for source in inputs):
        raise OutputError(f"{path} is an input and is not overwritten; choose another output")
    if (found is None or stat.S_ISREG(found.st_mode)) and not os.access(place.parent, os.W_OK):
        raise OutputError(f"{path}: the directory {place.parent} may not be written to; choose another place")
    if found is not None and not force:
        raise OutputError(f"{path} exists already; choose another name, or pass `force` to replace it")


def _refuse_object(url: str, inputs: Sequence[str], *, force: bool) -> None:
    if scheme_of(url) in WEB:
        raise OutputError(f"{url}: web servers are only read from; name an object store or a file")
    if object_of(url) in [object_of(source) for source in inputs if is_url(source)]:
        raise OutputError(f"{url} is an input and is not overwritten; choose another output")
    try:
        if url.endswith("/") or is_folder(url):
            raise OutputError(f"{url} is a folder; choose the name of an object in it")
        if not force and exists(url):
            raise OutputError(f"{url} exists already; choose another name, or pass `force` to replace it")
        bucket = "/".join(url.split("/")[:3])
        if bucket == url or not is_folder(bucket):
            raise OutputError(f"{bucket}: no such bucket; make it first, or choose another place")
    except OSError as error:
        raise output_error(url, error) from error


def refuse_stdout(inputs: Iterable[str | Path]) -> None:
    """Returns unless standard output leads into one of ``inputs``. Raises OutputError when it does."""
    try:
        found = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):  # it is closed, or nothing that the system knows
        return
    if stat.S_ISREG(found.st_mode) and any(_is_same(found, source) for source in inputs):
        raise OutputError("standard output leads into an input, which is not overwritten; choose another output")


def _is_same(found: os.stat_result, source: str | Path) -> bool:
    try:
        return os.path.samestat(found, os.fstat(0) if str(source) == "-" else os.stat(source))
    except OSError:
        return False


def refuse_folder(folder: str | Path, names: Iterable[str], inputs: Iterable[str | Path] = (), *, force: bool) -> None:
    """Returns when files of these ``names``, such as ``models/int8.molq``, may be written into ``folder``.

    Nothing is touched. Raises OutputError when the folder is a file, when a name is that of one of ``inputs`` or of a
    folder, or when there is such a file already while ``force`` is off.
    """
    folder, inputs = Path(folder), list(inputs)
    if is_url(folder):
        for name in names:
            refuse_output(folder / name, inputs, force=force)
        return
    for name in names:
        path = folder / name
        for parent in path.parents:
            if parent.exists() and not parent.is_dir():
                raise OutputError(f"{parent} is a file; choose another directory than {folder}")
        if path.parent.exists():
            refuse_output(path, inputs, force=True)
        if os.path.lexists(path) and not force:
            raise OutputError(f"{folder} holds {name} already; choose another directory, or pass `force` to replace it")

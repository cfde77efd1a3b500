"""What lies at a URL: an object, a folder of objects, those that match a pattern, or nothing."""

from __future__ import annotations

import re
from typing import Any

from molq.remote.filesystem import Located, located
from molq.remote.opened import state_at
from molq.remote.retrying import retried
from molq.urls import WEB, scheme_of, url_of

_MAGIC = re.compile(r"[*?\[]")


def exists(url: str) -> bool:
    """Whether there is an object at a URL. Raises OSError when the store does not say."""
    if scheme_of(url_of(url)) in WEB:
        return state_at(url) is not None
    return _kind(url) == "File"


def is_folder(url: str) -> bool:
    """Whether objects lie below a URL of a store. Raises OSError when the store does not say."""
    return scheme_of(url_of(url)) not in WEB and _kind(url) == "Directory"


def has_magic(url: str) -> bool:
    """Whether the URL is a pattern, as in a shell; an address of the web is none."""
    return scheme_of(url_of(url)) not in WEB and bool(_MAGIC.search(url_of(url)))


def objects_below(url: str) -> list[str]:
    """The URLs of all objects in a folder and the folders in it, sorted. Raises OSError when the store does not say."""
    from pyarrow.fs import FileSelector, FileType

    url = url_of(url).rstrip("/")
    store, path = located(url)
    found = retried(lambda: store.get_file_info(FileSelector(path, allow_not_found=True, recursive=True)))
    return sorted(_url(url, path, info.path) for info in found if info.type == FileType.File)


def matching(pattern: str) -> list[str]:
    """The URLs of the objects that match a pattern, sorted; ``**`` stands for any number of folders."""
    pattern = url_of(pattern)
    fixed = pattern[: _MAGIC.search(pattern).start()].rpartition("/")[0]  # type: ignore[union-attr]
    form = _form(pattern)
    return [url for url in objects_below(fixed) if form.fullmatch(url)]


def _form(pattern: str) -> re.Pattern[str]:
    """As fnmatch, but a star does not pass a slash."""
    words = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    return re.compile(
        "".join(
            words.get(piece) or (re.sub(r"\A\[!", "[^", piece) if piece.startswith("[") else re.escape(piece))
            for piece in pieces
        )
    )


def _kind(url: str) -> str:
    place: Located = located(url)
    info: Any = retried(lambda: place.store.get_file_info(place.path))
    return str(info.type.name)


def _url(folder: str, path: str, found: str) -> str:
    return folder + found.removeprefix(path)

"""Where the file of a dataset lies: with molq, in $MOLQ_DATA_DIR, in the user's cache, or at its URL.

No chemistry is imported here: the parent of a screen's workers does without.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from molq.data.checksum import content_sha256
from molq.data.download import download_checked
from molq.data.registry import DatasetInfo, dataset_info, dataset_names, datasets_dir
from molq.errors import DatasetError, InputError
from molq.progress import SILENT, Progress


def locate(name: str, *, download: bool = True, progress: Progress = SILENT) -> Path:
    """Path of the file of ``name``, plain or .gz, its content checked against the registered sha256.

    Looked for in this order: embedded, $MOLQ_DATA_DIR, the user's cache, the canonical URL (unless ``download`` is
    False). ``progress`` is told bytes done and bytes in all while downloading. Raises DatasetError when a copy is
    damaged or none can be had.
    """
    info = dataset_info(name)
    found = find_copy(info)
    if found is not None:
        return _checked(found, info)
    if info.embedded:
        raise DatasetError(f"{info.filename}.gz is missing from {datasets_dir()}: install molq again")
    if not download:
        raise DatasetError(
            f"dataset {name} is not on this machine: run 'molq data get {name}', or put {info.filename} into the"
            " folder that MOLQ_DATA_DIR names"
        )
    return download_checked(info, cache_dir(), progress)


def library_path(source: str | Path, progress: Progress = SILENT) -> str:
    """The source itself, or the file of the registered set of that name, fetched if need be.

    What names no set may be a file, a folder, a pattern, or - for standard input. Raises InputError for a plain word
    that is neither.
    """
    text = str(source)
    if is_registered(text):
        return str(locate(text, progress=progress))
    if text != "-" and not os.path.exists(text) and not any(mark in text for mark in "./*"):
        raise InputError(neither(text))
    return text


def is_registered(source: str) -> bool:
    """Whether the name of a registered set is meant; a file or folder that is called so comes first."""
    return not os.path.exists(source) and source in dataset_names()


def neither(source: str) -> str:
    """What is said of a word that names no file and no set."""
    return f"{source} is neither a file nor a registered data set; those are {', '.join(dataset_names())}"


def find_copy(info: DatasetInfo) -> Path | None:
    """The copy of a dataset on this machine that ``locate`` would take, unchecked; None when there is none."""
    for folder in _folders(info):
        for filename in (info.filename, f"{info.filename}.gz"):
            if (folder / filename).is_file():
                return folder / filename
    return None


def cache_dir() -> Path:
    """Folder of downloaded datasets: the platform's own, or $XDG_CACHE_HOME/molq/datasets where that is set.

    Raises DatasetError where the user has no home.
    """
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "molq" / "datasets"
    try:
        home = Path.home()
    except RuntimeError as error:
        raise DatasetError("this user has no home for data sets; set MOLQ_DATA_DIR to a folder for them") from error
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "molq" / "datasets"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "molq" / "datasets"
    return home / ".cache" / "molq" / "datasets"


def _folders(info: DatasetInfo) -> list[Path]:
    folders = [datasets_dir()] if info.embedded else []
    if named := os.environ.get("MOLQ_DATA_DIR"):
        folders.append(Path(os.path.expanduser(named)))
    with contextlib.suppress(DatasetError):
        folders.append(cache_dir())
    return folders


def _checked(path: Path, info: DatasetInfo) -> Path:
    found = content_sha256(path)
    if found != info.sha256:
        raise DatasetError(
            f"{path} is not the registered {info.name}: its sha256 is {found}, expected {info.sha256}."
            f" Delete it or put a good copy in its place ({info.url})"
        )
    return path

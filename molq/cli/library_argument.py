"""Libraries named on the command line: files, or registered datasets by name."""

from __future__ import annotations

import os
from collections.abc import Sequence

from molq.errors import InputError


def resolve(library: Sequence[str]) -> list[str]:
    """The arguments, with the name of a registered dataset replaced by the path of its file (fetched if need be).

    Raises InputError for a plain word that is neither a file nor a dataset.
    """
    return [_path(entry) for entry in library]


def _path(entry: str) -> str:
    if entry == "-" or os.path.exists(entry) or "." in entry or "/" in entry or "*" in entry:
        return entry
    from molq.data.registry import dataset_names

    if entry not in dataset_names():
        raise InputError(f"{entry}: neither a file nor a data set; `molq data list` has the names")
    from molq.data.locate import locate

    return str(locate(entry))

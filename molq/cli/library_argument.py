"""Libraries named on the command line: files, or registered datasets by name."""

from __future__ import annotations

from collections.abc import Sequence


def resolve(library: Sequence[str]) -> list[str]:
    """The arguments, with the name of a registered dataset replaced by the path of its file (fetched if need be).

    Raises InputError for a plain word that is neither a file nor a dataset.
    """
    from molq.data.sources import library_path

    return [library_path(entry) for entry in library]

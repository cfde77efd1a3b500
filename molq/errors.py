"""The errors molq raises on purpose.

MolqError
├── InputError          mend the named file, row, column or argument
│   └── MissingShardsError   screen the shards that are missing
├── DatasetError        fetch the dataset again, or point MOLQ_DATA_DIR at a good copy
├── CheckpointError     a foreign checkpoint cannot be imported; choose another
├── ModelFileError      a .molq file is damaged, altered or too new; get another copy or upgrade
├── UnsupportedError    this combination is not offered; choose one that is
├── OutputError         the output exists or cannot be written; choose another place
├── ShortageError       memory, disk space or open files ran out; free some, and do it again
└── WorkersError        worker processes keep ending or do not answer; see to the machine, and do it again
"""

from __future__ import annotations

from typing import Any

from molq.urls import seen


class MolqWarning(UserWarning):
    """What a call leaves out or does not use of what it was given; the command line prints it as a note."""

    def __str__(self) -> str:
        return seen(super().__str__())


class MolqError(Exception):
    """Root of every error that molq raises on purpose; as text it holds no password of a URL."""

    def __str__(self) -> str:
        return seen(super().__str__())


class InputError(MolqError):
    """A file, row, column or argument that the user can mend."""


class MissingShardsError(InputError):
    """Shards of a screen that are not there yet: which, such as 7/200, and the call of ``screen`` that makes them."""

    def __init__(self, message: str, *, missing: tuple[str, ...], call: dict[str, Any]) -> None:
        super().__init__(message)
        self.missing, self.call = missing, call


class DatasetError(MolqError):
    """A dataset that is absent, or whose content is not what its checksum says."""


class CheckpointError(MolqError):
    """A foreign checkpoint that cannot be imported."""


class ModelFileError(MolqError):
    """A .molq file that cannot be trusted: damaged, altered, or of a newer format."""


class UnsupportedError(MolqError):
    """A combination of options that molq does not offer."""


class OutputError(MolqError):
    """An output that exists already or cannot be written."""


class ShortageError(MolqError, MemoryError):
    """Memory, disk space or open files that ran out; no molecule is to blame."""


class WorkersError(MolqError):
    """Worker processes that keep ending, or do not answer."""

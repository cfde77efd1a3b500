"""A split that a column of the table itself states."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from molq.data.labels import LabelledSet
from molq.data.splits import Split
from molq.errors import InputError
from molq.records.records import Record, read_records

_SIDES = {"train": 0, "valid": 1, "val": 1, "test": 2}


def column_split(path: str | Path, column: str, labelled: LabelledSet) -> Split:
    """The split of ``labelled``, read from ``path``, that ``column`` states: train, valid (or val) or test in each row.

    Raises InputError, naming the row, for any other value, and when no molecule is to be trained on.
    """
    stated: dict[int, int] = {}
    wanted = set(labelled.rows.tolist())
    for item in read_records(path):
        if isinstance(item, Record) and item.row in wanted:
            if column not in item.fields:
                raise InputError(
                    f"{path} has no column {column!r} to split by; its columns are {', '.join(item.fields)}"
                )
            side = _SIDES.get(item.fields[column].strip().lower())
            if side is None:
                raise InputError(
                    f"{path}, row {item.row}, column {column!r}: {item.fields[column]!r} is none of train, valid, test"
                )
            stated[item.row] = side
    sides = np.array([stated[row] for row in labelled.rows.tolist()], np.int64)
    train, valid, test = (np.flatnonzero(sides == side) for side in range(3))
    if not len(train):
        raise InputError(f"{path}, column {column!r}: no row says train")
    n = len(sides)
    return Split(train, valid, test, f"column {column}", None, (len(train) / n, len(valid) / n, len(test) / n))

"""A split that a column of the table itself states."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from molq.chem.table import read_table
from molq.data.labels import LabelledSet
from molq.data.splits import Split
from molq.errors import InputError

_SIDES = {"train": 0, "valid": 1, "val": 1, "test": 2}


def column_split(
    path: str | Path,
    column: str,
    labelled: LabelledSet,
    *,
    smiles_column: str | None = None,
    format: str | None = None,
) -> Split:
    """The split of ``labelled``, read from ``path``, that ``column`` states: train, valid (or val) or test in each row.

    A molecule of which copies are stated to be on several sides is trained on, else validated on: the same molecule
    never stands on two. Raises InputError, naming the row, for any other value, and when no molecule is to be trained
    on.
    """
    cells = read_table(path, smiles_column=smiles_column, columns=[column], format=format).columns[column]
    stated = np.array([_side(cells[row], row, column, path) for row in labelled.rows.tolist()], np.int64)
    earliest = np.full(len(stated), len(_SIDES), np.int64)
    np.minimum.at(earliest, labelled.same, stated)
    sides = earliest[labelled.same]
    train, valid, test = (np.flatnonzero(sides == side) for side in range(3))
    if not len(train):
        raise InputError(f"{path}, column {column!r}: no row says train")
    n, n_moved = len(sides), int((sides != stated).sum())
    method = f"column {column}" + (f" ({n_moved} rows put beside their copies)" if n_moved else "")
    return Split(train, valid, test, method, None, (len(train) / n, len(valid) / n, len(test) / n))


def _side(cell: str, row: int, column: str, path: str | Path) -> int:
    side = _SIDES.get(cell.strip().lower())
    if side is None:
        raise InputError(f"{path}, row {row}, column {column!r}: {cell!r} is none of train, valid, test")
    return side

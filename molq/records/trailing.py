"""Text after a SMILES in its cell: it is no part of the molecule, and nothing reads it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.records.cells import Cells, cells_of

TRAILING = "text after the SMILES"
"""why a strict reader refuses a row"""
_BLANKS = b" \t\n\r\v\f"


def trailing_rows(smiles: Sequence[str]) -> NDArray[np.int64]:
    """The rows, ascending, in which something other than a CXSMILES extension stands after the SMILES."""
    cells = smiles if isinstance(smiles, Cells) else cells_of(smiles)
    data = cells.data
    if not any(blank in data for blank in _BLANKS):
        return np.zeros(0, np.int64)
    is_blank = np.isin(np.frombuffer(data, np.uint8), list(_BLANKS))
    rows = np.unique(np.searchsorted(cells.offsets, np.flatnonzero(is_blank), side="right") - 1)
    bounds = zip(cells.offsets[rows].tolist(), cells.offsets[rows + 1].tolist(), strict=True)
    return rows[[_has_trailing(data[start:stop]) for start, stop in bounds]]


def trailing_note(n_rows: int, remedy: str = "") -> list[str]:
    """What a user should know of so many rows, none or one note; ``remedy`` ends it."""
    if not n_rows:
        return []
    rows = "1 row holds text after its" if n_rows == 1 else f"{n_rows:,} rows hold text after their"
    return [f"{rows} SMILES, which is not read{remedy}"]


def _has_trailing(cell: bytes) -> bool:
    words = cell.split(None, 1)
    if len(words) < 2:
        return False
    rest = words[1].rstrip()
    return len(rest) < 2 or not (rest.startswith(b"|") and rest.endswith(b"|"))

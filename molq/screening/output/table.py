"""The columns of an output, and which rows come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.columns import Columns
from molq.screening.rows import Rows
from molq.task_names import input_columns, task_columns


class Selection(msgspec.Struct, frozen=True):
    """Which scored rows are kept, by the predictions of the chosen tasks; everything when both are None."""

    top: int | None = None
    threshold: float | None = None
    lowest: bool = False
    """whether low scores are the good ones"""

    @property
    def active(self) -> bool:
        return self.top is not None or self.threshold is not None

    def reached(self, predictions: NDArray[np.float32]) -> NDArray[np.bool_]:
        """[k] which rows of predictions [k, R] have one that reaches the threshold."""
        threshold = np.float32(self.threshold)
        return np.asarray((predictions <= threshold if self.lowest else predictions >= threshold).any(axis=1))


class OutputTable(msgspec.Struct, frozen=True):
    """(row,) SMILES, (id,) kept columns, scores(, rejected): a selection has row numbers, everything has reasons."""

    has_id: bool
    columns: tuple[str, ...] = ()
    """kept of the input"""
    selection: Selection = Selection()

    def names(self, columns: Columns) -> list[str]:
        """Of all columns; scores and kept ones whose name is taken are called task_NAME and input_NAME."""
        scores = [column.name for column in columns]
        selecting = self.selection.active
        text = ["smiles", *["id"] * self.has_id, *input_columns(self.columns, scores)]
        return [*["row"] * selecting, *text, *task_columns(scores), *["rejected"] * (not selecting)]

    def schema(self, columns: Columns) -> Any:
        """As an Arrow schema: text columns, float32 scores, the reason of a rejection."""
        import pyarrow as pa

        kinds = {"row": pa.int64()} | dict.fromkeys(task_columns([column.name for column in columns]), pa.float32())
        return pa.schema([pa.field(name, kinds.get(name, pa.string())) for name in self.names(columns)])

    def texts(self, rows: Rows) -> list[Sequence[str]]:
        """The text columns of n rows, [n] each."""
        return [rows.smiles, *([rows.ids] if self.has_id else []), *rows.columns]

"""The columns of an output, and which rows come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.screening.rows import Rows
from molq.task_names import input_columns, task_columns


class Selection(msgspec.Struct, frozen=True):
    """Which scored rows are kept, by the scores of the chosen tasks; everything when both are None."""

    top: int | None = None
    threshold: float | None = None
    lowest: bool = False
    """whether low scores are the good ones"""

    @property
    def active(self) -> bool:
        return self.top is not None or self.threshold is not None

    def reached(self, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
        """[k] which rows of scores [k, T] have a task that reaches the threshold."""
        threshold = np.float32(self.threshold)
        return np.asarray((scores <= threshold if self.lowest else scores >= threshold).any(axis=1))


class OutputTable(msgspec.Struct, frozen=True):
    """(row,) SMILES, (id,) kept columns, tasks(, rejected): a selection has row numbers, everything has reasons."""

    has_id: bool
    columns: tuple[str, ...] = ()
    """kept of the input"""
    selection: Selection = Selection()

    def names(self, tasks: Sequence[str]) -> list[str]:
        """Of all columns; tasks and kept ones whose name is taken are called task_NAME and input_NAME."""
        selecting = self.selection.active
        text = ["smiles", *["id"] * self.has_id, *input_columns(self.columns, tasks)]
        return [*["row"] * selecting, *text, *task_columns(tasks), *["rejected"] * (not selecting)]

    def schema(self, tasks: Sequence[str]) -> Any:
        """As an Arrow schema: text columns, float32 scores, the reason of a rejection."""
        import pyarrow as pa

        kinds = {"row": pa.int64()} | dict.fromkeys(task_columns(tasks), pa.float32())
        return pa.schema([pa.field(name, kinds.get(name, pa.string())) for name in self.names(tasks)])

    def texts(self, rows: Rows) -> list[Sequence[str]]:
        """The text columns of n rows, [n] each."""
        return [rows.smiles, *([rows.ids] if self.has_id else []), *rows.columns]

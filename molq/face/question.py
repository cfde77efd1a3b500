"""The shape of a question, which is the shape of its answer: an array for a list, a Series for a Series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from molq.columns import Columns
from molq.errors import InputError
from molq.face.molecules import is_missing
from molq.task_names import task_columns


class Question(NamedTuple):
    """The molecules that were asked for, one value each, and what they came in."""

    values: Sequence[object]
    series: nw.Series[Any] | None
    """None for lists and arrays"""

    def scores(self, scores: NDArray[np.float32], columns: Columns) -> Any:
        """Scores [n, C] in the form of the question.

        Of a list or an array: an array, [n] for one column and [n, C] for several. Of a Series: a Series named by the
        column, or a DataFrame with all of them, of the same library and with the same index. Columns are called as
        those of a screen.
        """
        if self.series is None:
            return scores[:, 0] if len(columns) == 1 else scores
        names = task_columns([column.name for column in columns])
        made_of = {name: self._column(name, np.ascontiguousarray(scores[:, i])) for i, name in enumerate(names)}
        made = made_of[names[0]] if len(names) == 1 else nw.from_dict(made_of, backend=self.series.implementation)
        return self.indexed(made)

    def reasons(self, reasons: Mapping[int, str]) -> Any:
        """Reasons [n] in the form of the question: text, or None (missing, in a Series) where there is a score."""
        texts = [reasons.get(i) for i in range(len(self.values))]
        if self.series is None:
            return np.array([*texts, None], object)[:-1]  # one more, so that no texts are an array of objects too
        return self.indexed(nw.new_series("reason", texts, nw.String(), backend=self.series.implementation))

    def indexed(self, made: nw.Series[Any] | nw.DataFrame[Any]) -> Any:
        """``made`` as its library knows it, with the index of the Series that was asked with."""
        assert self.series is not None
        native, index = made.to_native(), nw.maybe_get_index(self.series)
        if index is not None:
            native.index = index
        return native

    def _column(self, name: str, scores: NDArray[np.float32]) -> nw.Series[Any]:
        assert self.series is not None
        made: nw.Series[Any] = nw.new_series(name, scores, backend=self.series.implementation)
        return made if self.series.implementation.is_pandas_like() else made.fill_nan(None)


def read_question(molecules: object) -> Question:
    """The molecules of a list, a tuple, any other collection with an order, a NumPy array [n], or a Series.

    Raises InputError for a single molecule, a DataFrame, an array of another shape, and for values none of which is
    text or a molecule though some are not missing.
    """
    question = _question(molecules)
    if not any(isinstance(value, str) or _may_be_mol(value) for value in question.values):
        for i, value in enumerate(question.values):
            if not is_missing(value):
                raise InputError(
                    f"none of the {len(question.values)} values is a SMILES or a molecule; value {i} is "
                    f"{str(value)[:40]!r}, of type {type(value).__name__}"
                )
    return question


def _question(molecules: object) -> Question:
    if isinstance(molecules, str) or _may_be_mol(molecules):
        raise InputError(f"{str(molecules)[:60]} is one molecule; put it in a list")
    if isinstance(molecules, np.ndarray):
        if molecules.ndim != 1:
            raise InputError(f"an array of shape {molecules.shape} is no list of molecules; give one of shape [n]")
        return Question(molecules.tolist(), None)
    native = nw.from_native(molecules, pass_through=True, allow_series=True)
    if isinstance(native, nw.Series):
        return Question(native.to_list(), native)
    if isinstance(native, nw.DataFrame | nw.LazyFrame):
        columns = ", ".join(native.collect_schema().names()[:5])
        raise InputError(f"a DataFrame has many columns ({columns}); give the one of the SMILES, as df['smiles']")
    if isinstance(molecules, Collection) and not isinstance(molecules, Mapping | Set):
        return Question(list(molecules), None)
    raise InputError(
        f"{type(molecules).__name__} is no list of molecules; give a list, an array, a Series or an iterator of SMILES "
        "or RDKit molecules"
    )


def _may_be_mol(value: object) -> bool:
    return hasattr(value, "GetNumAtoms")

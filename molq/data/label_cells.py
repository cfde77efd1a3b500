"""Labels as people write them: numbers, words for the two classes, bounds, and what stands for no value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.errors import InputError

CENSORED = ("drop", "bound")
"""what may be done with a value that is only a bound, such as >10"""
_MISSING = frozenset(
    {"", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "–", "—", ".", "?", "nd", "n.d.", "<na>", "\\n"}
)
_WORDS = (
    ("active", "inactive"),
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("t", "f"),
    ("positive", "negative"),
    ("pos", "neg"),
    ("toxic", "nontoxic"),
    ("toxic", "non-toxic"),
)
"""for 1 and for 0"""
_BOUND = re.compile(r"([<>]=?|≥|≤|=<|=>|>>|<<)\s*(.+)\Z", re.DOTALL)
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?\Z")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+\Z")
_WHOLE = re.compile(r"[-+]?\d+\Z")
_LARGEST = float(np.finfo(np.float32).max)


class LabelColumn(NamedTuple):
    """The labels of one task."""

    values: NDArray[np.float32]
    """[n] NaN where missing"""
    notes: list[str]
    """how cells were read that are no plain numbers"""


def label_column(
    cells: Sequence[str], rows: Sequence[int], task: str, source: str, censored: str | None = None
) -> LabelColumn:
    """The labels that ``cells`` of the column ``task`` hold; ``rows`` are their rows in the file.

    Raises InputError with row and value for a cell that is no label, and, while ``censored`` is None, for a bound: the
    remedy stands with it.
    """
    stripped = [cell.strip() for cell in cells]
    filled = {cell.lower() for cell in stripped} - _MISSING
    words = next(
        (pair for pair in _WORDS if filled and filled <= {*pair, "0", "1", "0.0", "1.0"} and filled & {*pair}), None
    )
    if words is not None:
        return _of_words(stripped, words, task)
    commas = _has_decimal_commas([cell for cell in stripped if cell.lower() not in _MISSING])
    values = np.full(len(cells), math.nan, np.float32)
    n_bounds = 0
    for i, cell in enumerate(stripped):
        if cell.lower() in _MISSING:
            continue
        place = f"{source}, row {rows[i]}, column {task!r}"
        bound = _BOUND.match(cell)
        if bound is not None:
            n_bounds += 1
            if censored is None:
                raise InputError(
                    f"{place}: {cell!r} is a bound, not a value; `censored` says what becomes of such labels:"
                    " drop (they are missing) or bound (the number counts as measured)"
                )
            if censored == "bound":
                values[i] = _number(bound.group(2).strip(), commas, place)
            continue
        values[i] = _number(cell, commas, place)
    return LabelColumn(values, _notes(task, commas, n_bounds, censored))


def _of_words(cells: Sequence[str], words: tuple[str, str], task: str) -> LabelColumn:
    numbers = {words[0]: 1.0, words[1]: 0.0, "1": 1.0, "1.0": 1.0, "0": 0.0, "0.0": 0.0}
    values = np.array([numbers.get(cell.lower(), math.nan) for cell in cells], np.float32)
    spelled = {cell.lower(): cell for cell in reversed(cells)}
    said = " and ".join(
        f"{spelled[word]!r} as {value}" for word, value in zip(words, (1, 0), strict=True) if word in spelled
    )
    return LabelColumn(values, [f"column {task!r}: {said}"])


def _has_decimal_commas(filled: Sequence[str]) -> bool:
    """Whether commas stand where points would: in no cell with a point, and not before every group of three digits."""
    with_comma = [cell for cell in filled if _DECIMAL_COMMA.match(cell)]
    rest = [cell for cell in filled if not _DECIMAL_COMMA.match(cell)]
    return (
        bool(with_comma)
        and all(_WHOLE.match(cell) or _BOUND.match(cell) for cell in rest)
        and not all(_THOUSANDS.match(cell) for cell in with_comma)
    )


def _number(text: str, commas: bool, place: str) -> float:
    if commas and _DECIMAL_COMMA.match(text):
        text = text.replace(",", ".")
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        raise InputError(f"{place}: {_complaint(text)}") from None
    if math.isnan(value):
        raise InputError(f"{place}: {_complaint(text)}")
    if not abs(value) <= _LARGEST:
        raise InputError(
            f"{place}: {text!r} is infinite or larger than any label can be; correct it or take the row out"
        )
    return value


def _complaint(text: str) -> str:
    if _DECIMAL_COMMA.match(text) or _THOUSANDS.match(text):
        return (
            f"{text!r} has a comma, and it is not clear whether it stands for a decimal point;"
            " write the column with points and without thousands separators"
        )
    if text.startswith(("~", "≈", "ca")):
        return f"{text!r} is an approximate value; write the number alone, or take the row out"
    if re.match(r"[-+]?[\d.]+\s*[^\d\s._]", text):
        return f"{text!r} has more than a number; write all labels of a column in one unit, without its name"
    return f"{text!r} is not a number, and not a word for one of two classes (such as active, inactive)"


def _notes(task: str, commas: bool, n_bounds: int, censored: str | None) -> list[str]:
    notes = [f"column {task!r}: decimal commas are read as points"] if commas else []
    if n_bounds:
        fate = "missing" if censored == "drop" else "taken as measured"
        notes.append(f"column {task!r}: {n_bounds} labels that are bounds (such as >10) are {fate}")
    return notes

"""Cells of text as numbers, and why some are none."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.records.cells import Cells

EMPTY = "no score"
NO_NUMBER = "the score is no number"
INFINITE = "the score is infinite"
_MISSING = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "<na>"})
UNCLEAR = "a comma in the score, and it is not clear whether it stands for a decimal point"
_COMMA = re.compile(r"\s*[-+]?\d*,\d+(?:[eE][-+]?\d+)?\s*\Z")
_THOUSANDS = re.compile(r"\s*[-+]?[1-9]\d{0,2}(?:,\d{3})+\s*\Z")


class Numbers(NamedTuple):
    """n cells as numbers."""

    values: NDArray[np.float64]
    """[n], NaN where the cell holds no finite number"""
    reasons: dict[int, str]
    """cell → why it is none"""


def numbers_of(cells: Cells, commas: bool = False) -> Numbers:
    """The numbers of a column: ``0.5``, ``5e-1``, ``0,5``.

    ``1,234`` may be either of two, and is a number only where ``commas`` are known to be decimal ones.
    """
    texts = cells.texts()
    try:
        values = np.array([(_number if "_" in text else float)(text) if text else math.nan for text in texts])
    except ValueError:
        values = np.array([_number(text, commas) for text in texts])
    reasons = {int(i): _reason(texts[i], values[i]) for i in np.flatnonzero(~np.isfinite(values))}
    values[list(reasons)] = math.nan
    return Numbers(values, reasons)


def number_of(text: str, commas: bool = False) -> float | None:
    """The number of one cell; None where it holds no finite one."""
    value = _number(text, commas)
    return value if math.isfinite(value) else None


def has_decimal_commas(columns: Iterable[Cells]) -> bool:
    """Whether commas can only be decimal ones: some cell has one where no thousands begin, and none has two."""
    texts = [text for cells in columns if b"," in cells.data for text in cells.texts() if "," in text]
    is_clear = any(_COMMA.match(text) and not _THOUSANDS.match(text) for text in texts)
    return is_clear and not any(_THOUSANDS.match(text) and text.count(",") > 1 for text in texts)


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.strip().lower() in _MISSING


def _number(text: str, commas: bool = False) -> float:
    if "_" in text or (not commas and _THOUSANDS.match(text)):
        return math.nan
    try:
        return float(text.replace(",", ".") if _COMMA.match(text) else text)
    except ValueError:
        return math.nan


def _reason(text: str, value: float) -> str:
    if is_missing(text):
        return EMPTY
    if _THOUSANDS.match(text):
        return UNCLEAR
    return INFINITE if math.isinf(value) else NO_NUMBER

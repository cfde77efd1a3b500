"""Which columns of a table hold scores, and which of them is ranked by."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from molq.errors import InputError
from molq.records.cells import Cells
from molq.records.names import id_rank, listed, named_position
from molq.workflows.hits.numbers import has_decimal_commas, is_missing, numbers_of

REJECTED = "rejected"
"""the column in which a screen says why a row has no score"""
ROW = "row"
"""the column in which a screen of the best says which row of the library it was"""
_RANK = "rank"
"""the column in which a list of the best counts them"""
_MANY = 0.8
"""share of the filled cells that are numbers in a column of numbers"""
_BESIDE = re.compile(r"_(spread|std|aleatoric|epistemic|lower|upper|uncertainty)\Z")


class ScoreColumns(NamedTuple):
    """The columns of a table besides its SMILES and ids."""

    task: str
    """ranked by"""
    numbers: tuple[str, ...]
    """that hold numbers, the task among them"""
    texts: tuple[str, ...]
    """all others, but the reasons of a screen"""
    commas: bool
    """whether the decimal sign is a comma"""


def score_columns(
    names: Sequence[str], columns: Sequence[Cells], task: str | None, predictions: Collection[str], source: str
) -> ScoreColumns:
    """What the columns are, by their first rows. ``predictions`` are names that a model gives its own, if one is known.

    Raises InputError where ``task`` names no column, or without one where there is none or more than one to rank by.
    """
    commas = has_decimal_commas(columns)
    cells = zip(names, columns, strict=True)
    numbers = [name for name, column in cells if name != REJECTED and is_numeric(column, commas)]
    if task is not None:
        task = names[named_position(names, task, source, "task")]
        numbers = [name for name in names if name in numbers or name == task]
    likely = [name for name in numbers if name in predictions or (name not in (ROW, _RANK) and id_rank(name) is None)]
    if task is None:
        task = _only(_ranked(likely, predictions), names, source)
    kept = tuple(name for name in numbers if name in likely or name == task)
    return ScoreColumns(task, kept, tuple(name for name in names if name not in kept and name != REJECTED), commas)


def _ranked(names: Sequence[str], predictions: Collection[str]) -> list[str]:
    """The names that a model knows, else those that do not say how sure another is."""
    if known := [name for name in names if name in predictions]:
        return known
    return [name for name in names if _BESIDE.sub("", name) == name or _BESIDE.sub("", name) not in names]


def _only(names: Sequence[str], all_names: Sequence[str], source: str) -> str:
    if len(names) == 1:
        return names[0]
    if not names:
        among = f"none of its other columns ({listed(all_names)}) does" if all_names else "it has no other column"
        raise InputError(
            f"{source}: no column holds scores beside the SMILES: {among}; screen the molecules first"
            " (molq screen M.molq LIBRARY -o scores.csv)"
        )
    raise InputError(f"{source}: {len(names)} columns hold numbers, {listed(names)}; `task` says which one ranks")


def is_numeric(cells: Cells, commas: bool = False) -> bool:
    """Whether most of what is filled is a number."""
    found = numbers_of(cells, commas)
    texts = cells.texts()
    n_others = sum(not is_missing(texts[i]) for i in found.reasons)
    n_numbers = len(texts) - len(found.reasons)
    return n_numbers > 0 and n_numbers >= _MANY * (n_numbers + n_others)

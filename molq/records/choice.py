"""Which columns hold SMILES and identifiers: names propose, the cells of the first rows decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from molq.errors import InputError
from molq.records.names import (
    MOLECULE_NAMES,
    distinct_names,
    has_name,
    id_rank,
    listed,
    named_position,
    plain,
    smiles_rank,
)
from molq.records.syntax import has_smiles_form

Judge = Callable[[Sequence[str]], Sequence[bool]]
"""whether each text is a SMILES, as whoever knows chemistry sees it"""
LOOK_ROWS = 200
_QUICK = 20
"""rows that suffice where all of them agree with the name"""
_MANY = 0.9
"""share of cells that are SMILES in a column that is one"""
_SOME = 0.5
_WIDE = 400
"""columns; of a wider table those with a telling name or cells of the first rows that might be SMILES are looked at"""
_MIGHT_BE = re.compile(r"[A-Za-z0-9@+\-\[\]()\\/%=#$:.~*]+(?: \|[^|]*\|)?\Z")
_TELLING = re.compile(r"[()=#\[\]@/\\]|[a-zA-Z]\d")
_LONG = 8
_JUDGED_CHARACTERS = 4096
"""of a cell; what follows changes no verdict"""


@dataclass(frozen=True)
class Wanted:
    """What the caller asks of every source; None to find it."""

    smiles_column: str | None = None
    """name, or number from 1"""
    id_column: str | None = None
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        repeated = [name for i, name in enumerate(self.columns) if name in self.columns[:i]]
        if repeated:
            raise InputError(f"column {repeated[0]!r} stands twice in `columns`; once is enough")


class ColumnChoice(NamedTuple):
    """The columns of a table by place."""

    has_header: bool
    names: list[str]
    smiles: int
    id: int | None
    columns: tuple[int, ...]
    notes: list[str]


class NoSmilesError(InputError):
    """No column of the table holds SMILES."""


class Sample:
    """The first rows of a table, by column: the beginnings of long cells, and cells that a row lacks are empty."""

    def __init__(self, rows: Sequence[Sequence[str]], judge: Judge) -> None:
        self.rows = [[_head(cell) for cell in row] for row in rows]
        self._judge = judge
        self._shares: dict[tuple[int, int], float] = {}

    def column(self, at: int, start: int = 0) -> list[str]:
        return [row[at].strip() if at < len(row) else "" for row in self.rows[start:]]

    def share(self, at: int, start: int = 0) -> float:
        """Share of the filled cells that are SMILES; of a column that begins well, by the form of its first cells."""
        if (at, start) not in self._shares:
            filled = [cell for cell in self.column(at, start) if cell]
            verdicts = [has_smiles_form(cell) for cell in filled[:_QUICK]]
            if not all(verdicts):
                verdicts = list(self._judge(filled[:LOOK_ROWS]))
            self._shares[at, start] = sum(verdicts) / max(len(verdicts), 1)
        return self._shares[at, start]

    def is_molecule(self, cell: str) -> bool:
        text = cell.strip()
        return bool(text) and (has_smiles_form(text) or bool(self._judge([text])[0]))

    def might_be_smiles(self, at: int, start: int = 0) -> bool:
        filled = [cell for cell in self.column(at, start)[:_QUICK] if cell]
        return bool(filled) and sum(bool(_MIGHT_BE.match(cell)) and not _is_number(cell) for cell in filled) * 2 > len(
            filled
        )

    def is_telling(self, at: int, start: int = 0) -> bool:
        """Whether the cells are SMILES such as no column of codes holds: varied, long, with rings or branches."""
        filled = [cell for cell in self.column(at, start) if cell]
        if not filled or 2 * len(set(filled)) < len(filled) or self.share(at, start) < _MANY:
            return False
        marked = sum(bool(_TELLING.search(cell)) or len(cell) > _LONG for cell in filled)
        return 5 * marked >= len(filled)


def choose(sample: Sample, wanted: Wanted, source: str, *, has_header: bool | None = None) -> ColumnChoice:
    """The columns of a table whose first rows are ``sample``, the header among them where there is one.

    ``has_header`` None means that the cells decide. Raises NoSmilesError when no column holds SMILES, and InputError
    when a wanted column is missing or when name and cells disagree.
    """
    names = distinct_names(sample.rows[0])
    known = has_header is True or is_header(names, wanted)
    notes: list[str] = []
    if wanted.smiles_column is not None and (known or wanted.smiles_column.strip().isdecimal()):
        smiles = named_position(names, wanted.smiles_column, source, "smiles_column")
    elif known and any(smiles_rank(name) is not None for name in names):
        smiles = _by_name(sample, names, source, notes)
    else:
        smiles = _by_cells(sample, names, source, wanted, notes, has_header)
    if not known and has_header is None:
        known = not sample.is_molecule(sample.rows[0][smiles]) and len(sample.rows) > 1
        known = known and sample.share(smiles, 1) >= _SOME
        if known and notes:
            named = f"column {names[smiles]!r}"
            notes = [f"{source}: the first row is read as a header, and {named} as SMILES, which its cells are"]
    if not known:
        names = [position_name(at, smiles) for at in range(len(names))]
        notes = [f"{source}: no header; the SMILES stand in column {smiles + 1}"] if smiles else []
    identifier = choose_id(sample, names, smiles, wanted, source, 1 if known else 0)
    columns = tuple(named_position(names, name, source, "columns") for name in wanted.columns)
    return ColumnChoice(known, names, smiles, identifier, columns, notes)


def is_header(names: Sequence[str], wanted: Wanted) -> bool:
    """Whether the cells of a first row are names beyond doubt: one names SMILES, or is a name that is asked for."""
    asked = [name for name in (wanted.smiles_column, wanted.id_column, *wanted.columns) if not (name or "").isdecimal()]
    return any(smiles_rank(name) is not None for name in names) or any(has_name(names, name) for name in asked)


def choose_id(sample: Sample, names: Sequence[str], smiles: int, wanted: Wanted, source: str, start: int) -> int | None:
    """The column of identifiers: the one asked for, or by name the likeliest that is filled and tells rows apart."""
    if wanted.id_column is not None:
        return named_position(names, wanted.id_column, source, "id_column")
    ranks = {at: rank for at, name in enumerate(names) if at != smiles and (rank := id_rank(name)) is not None}
    candidates = sorted(ranks, key=lambda at: (ranks[at], at))
    for is_good in (_is_unique, _is_filled):
        for at in candidates:
            if is_good(sample.column(at, start)):
                return at
    return next((at for at in candidates if plain(names[at]) not in MOLECULE_NAMES), None)


def _by_name(sample: Sample, names: list[str], source: str, notes: list[str]) -> int:
    """The SMILES column among those that are named so, the likeliest whose cells do not speak against it."""
    ranks = {at: rank for at, name in enumerate(names) if (rank := smiles_rank(name)) is not None}
    candidates = sorted(ranks, key=lambda at: (ranks[at], at))
    filled = [at for at in candidates if any(sample.column(at, 1))]
    if not filled:
        return candidates[0]
    for at in filled:
        if sample.share(at, 1) >= _SOME:
            return at
    best = max(filled, key=lambda at: sample.share(at, 1))
    others = [at for at in _worth_a_look(sample, names, 1) if at not in candidates and sample.is_telling(at, 1)]
    if others and len(sample.rows) > 3 and not sample.share(best, 1):
        example = next(cell for cell in sample.column(best, 1) if cell)
        raise InputError(
            f"{source}: column {names[best]!r} holds no SMILES ({example[:40]!r}), but column {names[others[0]]!r}"
            " does; say which one is meant with `smiles_column`"
        )
    notes.append(f"{source}: few of the first rows of column {names[best]!r} are SMILES")
    return best


def _by_cells(
    sample: Sample, names: list[str], source: str, wanted: Wanted, notes: list[str], has_header: bool | None
) -> int:
    """The SMILES column of a table in which no name says so."""
    if wanted.smiles_column is not None:
        if has_header is None and any(map(sample.is_molecule, sample.rows[0][:_QUICK])):
            raise InputError(
                f"{source}: there is no header, and so no column {wanted.smiles_column!r};"
                " `smiles_column` takes a number"
            )
        return named_position(names, wanted.smiles_column, source, "smiles_column")
    start = min(len(sample.rows) - 1, 1)
    proposed = [at for at, name in enumerate(names) if plain(name) in MOLECULE_NAMES]
    if not start and proposed:
        return proposed[0]
    looked_at = _worth_a_look(sample, names, start)
    telling = [at for at in looked_at if sample.is_telling(at, start)]
    likely = [at for at in looked_at if sample.share(at, start) >= _MANY]
    headless = [at for at in likely if sample.is_molecule(sample.rows[0][at])]
    readable = [at for at in proposed if sample.share(at, start) >= _SOME]
    alone = likely if len(likely) == 1 and len(sample.rows) > 3 and not proposed else []
    ordered = [*(at for at in proposed if at in telling), *telling, *readable, *headless, *alone]
    if not ordered:
        raise NoSmilesError(
            f"{source}: none of the columns {listed(names)} is a SMILES column by name or by its cells;"
            " say which one is with `smiles_column`, by name or number"
        )
    if ordered[0] not in proposed or ordered[0] not in telling:
        notes.append(f"{source}: column {names[ordered[0]]!r} is read as SMILES, which its cells are")
    return ordered[0]


def _worth_a_look(sample: Sample, names: Sequence[str], start: int) -> list[int]:
    width = len(names)
    columns: Sequence[int] = range(width)
    if width > _WIDE:
        first = sample.rows[min(start, len(sample.rows) - 1)]
        columns = [at for at in range(min(width, len(first))) if _TELLING.search(first[at]) and len(first[at]) > _LONG]
        columns = columns[:_WIDE]
    return [at for at in columns if sample.might_be_smiles(at, start)]


def position_name(at: int, smiles: int) -> str:
    """What a column is called where there is no header."""
    if at == smiles:
        return "smiles"
    return "name" if at == (1 if smiles == 0 else 0) else f"column {at + 1}"


def _head(cell: str) -> str:
    """The beginning of a cell, without an extension of its SMILES that would be cut."""
    return cell if len(cell) <= _JUDGED_CHARACTERS else cell[:_JUDGED_CHARACTERS].partition(" |")[0]


def _is_filled(column: Sequence[str]) -> bool:
    return 2 * sum(map(bool, column)) >= len(column) > 0


def _is_unique(column: Sequence[str]) -> bool:
    filled = [cell for cell in column if cell]
    return _is_filled(column) and len(filled) == len(column) and len(set(filled)) == len(filled)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True

"""How many of the chosen products hold each synthon, or are of each reaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from molq.results.space import DiverseBy
from molq.spaces.rescore import Rescorer
from molq.spaces.scanning.best import MAX_POSITIONS, Found
from molq.spaces.sheets import Sheet, Window
from molq.spaces.space import Reaction

_Ints = NDArray[np.int64]


class Quota:
    """Lets ``at_most`` products share a synthon, whatever its position, or a reaction.

    Synthons of the same SMILES are the same. What may be shared has a number; 0 stands for nothing.
    """

    def __init__(self, by: DiverseBy, at_most: int) -> None:
        self._by, self._at_most = by, at_most
        self._numbers: dict[str, int] = {}
        self._counts = np.zeros(1, np.int64)

    def shared(self, sheets: Sequence[Sheet], found: Found) -> _Ints:
        """[n, MAX_POSITIONS]: the numbers of what each combination holds."""
        numbers = np.zeros((len(found.heights), MAX_POSITIONS), np.int64)
        for at in np.unique(found.sheets).tolist():
            own = np.flatnonzero(found.sheets == at)
            for position, of_piece in enumerate(self._of_pieces(sheets[at])):
                numbers[own, position] = of_piece[found.pieces[own, position]]
        return numbers

    def of(self, reaction: Reaction, synthons: Sequence[int]) -> _Ints:
        """The numbers of what a product of the synthons at these places holds."""
        if self._by == "reaction":
            return self._numbered([reaction.id])
        return self._numbered([own[at].smiles for own, at in zip(reaction.positions, synthons, strict=True)])

    def is_open(self, shared: _Ints) -> NDArray[np.bool_]:
        """[n], whether each of these combinations may be chosen still."""
        return np.asarray((self._counts[shared] < self._at_most).all(axis=1))

    def take(self, shared: _Ints) -> None:
        """A product with these numbers is chosen."""
        self._counts[np.setdiff1d(shared, [0])] += 1

    def left(self, rescorers: Sequence[Rescorer]) -> Iterator[Rescorer]:
        """The sheets without the pieces that no product may hold any more; none without products."""
        for rescorer in rescorers:
            sheet = rescorer.sheet
            is_left = [self._counts[of_piece] < self._at_most for of_piece in self._of_pieces(sheet)]
            if all(map(np.any, is_left)):
                yield rescorer if all(map(np.all, is_left)) else rescorer.of(_narrowed(sheet, is_left))

    def _of_pieces(self, sheet: Sheet) -> list[_Ints]:
        """Per position the number of what each piece shares."""
        if self._by == "reaction":
            return [self._numbered([sheet.reaction.id] * len(own)) for own in sheet.pieces]
        return [
            self._numbered([synthons[piece.synthon].smiles for piece in own])
            for own, synthons in zip(sheet.pieces, sheet.reaction.positions, strict=True)
        ]

    def _numbered(self, names: Sequence[str]) -> _Ints:
        numbers = [self._numbers.setdefault(name, len(self._numbers) + 1) for name in names]
        new = np.zeros(1 + len(self._numbers) - len(self._counts), np.int64)
        self._counts = np.concatenate([self._counts, new])
        return np.array(numbers, np.int64)


def _narrowed(sheet: Sheet, is_left: Sequence[NDArray[np.bool_]]) -> Sheet:
    pieces = tuple(
        tuple(piece for piece, stays in zip(own, kept.tolist(), strict=True) if stays)
        for own, kept in zip(sheet.pieces, is_left, strict=True)
    )
    window = sheet.window
    if window is not None:
        columns = tuple(column[kept] for column, kept in zip(window.columns, is_left, strict=True))
        window = Window(columns, window.low, window.high)
    return replace(sheet, pieces=pieces, window=window)

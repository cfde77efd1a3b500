"""Products scored both ways: by the engine on their SMILES, and by the terms of their pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import concat, slice_graphs
from molq.spaces.pieces import Piece, Taken
from molq.spaces.ranker import F64, Executed, Ranker
from molq.spaces.sheets import Products, Sheet
from molq.spaces.terms import F32, SheetTerms, product_sums


@dataclass(frozen=True)
class Rescored:
    """n products of a sheet."""

    smiles: tuple[str, ...]
    choices: NDArray[np.int64]
    """[n, positions], places of their synthons"""
    pieces: NDArray[np.int64]
    """[n, positions]; where a piece looks as none of its synthon's, another of its pieces"""
    is_known: NDArray[np.bool_]
    """[n], whether every piece looks as one of the sheet's"""
    executed: Executed
    refused: tuple[int, ...]
    """which of those asked for RDKit refuses, by place"""


class Rescorer:
    """Scores products of one sheet by the engine."""

    def __init__(self, products: Products, sheet: Sheet, ranker: Ranker) -> None:
        self._products, self.sheet, self._ranker = products, sheet, ranker
        self._look = [_looks(own) for own in sheet.pieces]
        self._any = [{piece.synthon: at for at, piece in enumerate(own)} for own in sheet.pieces]

    def of(self, sheet: Sheet) -> Rescorer:
        """The same of another sheet of its reaction."""
        return Rescorer(self._products, sheet, self._ranker)

    def rescore(self, choices: Sequence[tuple[int, ...]]) -> Rescored:
        """Products by the places of their synthons, which are synthons of the sheet."""
        found = self._products.traced(choices)
        taken = [self._products.taken_of(found, at, choices[i]) for at, i in enumerate(found.index)]
        rows = [self._row(one) for one in taken]
        kept = [at for at, row in enumerate(rows) if row is not None]
        graphs = concat([slice_graphs(found.graphs, at, at + 1) for at in kept])
        chosen = [choices[found.index[at]] for at in kept]
        refused = set(range(len(choices))) - {int(found.index[at]) for at in kept}
        k = len(self.sheet.pieces)
        pieces = np.array([row for row in rows if row is not None], np.int64).reshape(-1, k + 1)
        return Rescored(
            tuple(found.origins[at].smiles for at in kept),
            np.array(chosen, np.int64).reshape(-1, k),
            pieces[:, :k],
            pieces[:, k] > 0,
            self._ranker.executed(graphs),
            tuple(sorted(refused)),
        )

    def added_up(self, pieces: NDArray[np.int64]) -> F64:
        """Heights of products of these pieces [n, positions], by their terms."""
        terms = self._terms
        n_atoms = sum(view.n_atoms[pieces[:, at]] for at, view in enumerate(terms.views))
        return self._ranker.added_up(product_sums(terms, pieces, self._alone), np.asarray(n_atoms))

    def forget(self) -> None:
        """Lets go what ``added_up`` keeps for its next call."""
        for kept in ("_terms", "_alone"):
            self.__dict__.pop(kept, None)

    @cached_property
    def _terms(self) -> SheetTerms:
        return SheetTerms(self.sheet, self._ranker.additive)

    @cached_property
    def _alone(self) -> tuple[F32, ...]:
        return tuple(self._terms.alone(position) for position in range(len(self._terms.views)))

    def _row(self, taken: Taken | None) -> list[int] | None:
        """The piece of each position, and whether all are known."""
        if taken is None:
            return None
        found = [look.get(_key(piece)) for look, piece in zip(self._look, taken.pieces, strict=True)]
        is_known = all(at is not None for at in found) and taken.joins == self.sheet.bonds
        others = zip(found, self._any, taken.pieces, strict=True)
        return [*(own[piece.synthon] if at is None else at for at, own, piece in others), int(is_known)]


def _looks(pieces: Sequence[Piece]) -> dict[tuple[int, bytes, bytes], int]:
    return {_key(piece): at for at, piece in enumerate(pieces)}


def _key(piece: Piece) -> tuple[int, bytes, bytes]:
    return piece.synthon, piece.content, piece.spelling

"""The rows of a chunk: SMILES, ids, kept columns, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from molq.chem.packed import PackedGraphs


class Rows(NamedTuple):
    """n rows of a library. Rows in ``rejected`` have no graph; their SMILES may be ""."""

    smiles: Sequence[str]
    """[n] as are the ids: ``Cells`` where they come from a file"""
    ids: Sequence[str]
    columns: Sequence[Sequence[str]]
    """[n_columns][n]"""
    rejected: dict[int, str]
    """row in the chunk → reason"""
    graphs: PackedGraphs | None = None
    """of the rows that are not rejected, where they are at hand: their SMILES are not read"""

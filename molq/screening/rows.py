"""The rows of a chunk: SMILES, ids, kept columns, and what could not be read."""

from __future__ import annotations

from typing import NamedTuple

from molq.chem.packed import PackedGraphs


class Rows(NamedTuple):
    """n rows of a library. Rows in ``rejected`` have no graph; their SMILES may be ""."""

    smiles: list[str]
    ids: list[str]
    columns: list[list[str]]
    """[n_columns][n]"""
    rejected: dict[int, str]
    """row in the chunk → reason"""
    graphs: PackedGraphs | None = None
    """of the rows that are not rejected, when the library is prepared"""

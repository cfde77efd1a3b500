"""What a caller calls molecules, as rows that can be scored: text, RDKit molecules, and what is neither."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from molq.chem.mols import graph_of_mol, is_mol
from molq.chem.packed import PackedGraphs, concat
from molq.chem.recipe import Recipe
from molq.screening.rows import Rows

MISSING = "missing value"
_MISSING_TYPES = {"NAType", "NaTType"}
"""of pandas, which is not imported for it"""


class Part(NamedTuple):
    """Rows of one kind, and their places among the values they came from."""

    places: list[int]
    rows: Rows


def parts(values: Sequence[object], max_atoms: int, recipe: Recipe) -> list[Part]:
    """The values as rows of text, and packed graphs by the recipe where there are RDKit molecules; every value in one
    part.

    White space around a SMILES is not part of it. A value that is missing (None, NaN, NA) is rejected as such.
    """
    mols = [i for i, value in enumerate(values) if not isinstance(value, str) and is_mol(value)]
    if not mols:
        return [Part(list(range(len(values))), _text_rows(values))]
    texts = sorted(set(range(len(values))) - set(mols))
    return [
        Part(texts, _text_rows([values[i] for i in texts])),
        Part(mols, _mol_rows([values[i] for i in mols], max_atoms, recipe)),
    ]


def is_missing(value: object) -> bool:
    """Whether ``value`` stands for no value: None, NaN, or pandas' NA and NaT."""
    is_nan = isinstance(value, float | np.floating) and bool(np.isnan(value))
    return value is None or is_nan or type(value).__name__ in _MISSING_TYPES


def _text_rows(values: Sequence[object]) -> Rows:
    smiles: list[str] = []
    rejected: dict[int, str] = {}
    for i, value in enumerate(values):
        if isinstance(value, str):
            smiles.append(value.strip())
            if "\0" in value:
                rejected[i] = "the SMILES holds a NUL byte"
        else:
            smiles.append("")
            rejected[i] = MISSING if is_missing(value) else f"neither a SMILES nor a molecule: {type(value).__name__}"
    return Rows(smiles, [""] * len(smiles), [], rejected)


def _mol_rows(mols: Sequence[Any], max_atoms: int, recipe: Recipe) -> Rows:
    graphs: list[PackedGraphs] = []
    rejected: dict[int, str] = {}
    for i, mol in enumerate(mols):
        graph = graph_of_mol(mol, max_atoms, recipe)
        if isinstance(graph, str):
            rejected[i] = graph
        else:
            graphs.append(graph)
    return Rows([""] * len(mols), [""] * len(mols), [], rejected, concat(graphs))

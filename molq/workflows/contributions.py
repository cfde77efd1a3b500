"""Which atoms make the score: SMILES to what each atom adds, in the order in which the SMILES has its atoms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from molq.chem.featurize import featurize
from molq.chem.molecule import own_atoms
from molq.engine.contributions import Parts
from molq.engine.engine import Engine
from molq.results.hits import Contributions

_LARGEST = float(np.finfo(np.float32).max)


class Explained(NamedTuple):
    """Every SMILES once."""

    column: str
    """the score that was explained"""
    found: list[Contributions | None]
    """None where there is no score"""
    reasons: dict[int, str]
    """place → why, then"""


def contributions_of(
    engine: Engine, smiles: Sequence[str], column: str | None = None, max_atoms: int = 1000
) -> Explained:
    """What the atoms of each molecule add to a column of the engine's scores, by default its first prediction.

    Raises InputError for a column that is no prediction, UnsupportedError for a model whose readout is no sum.
    """
    name = column if column is not None else next(c.name for c in engine.columns if c.is_prediction)
    featurized = featurize(smiles, max_atoms, engine.recipe)
    reasons = {refused.row: refused.reason for refused in featurized.rejected}
    found: list[Contributions | None] = [None] * len(smiles)
    parts = engine.contributions(featurized.graphs, name)
    for k, place in enumerate(featurized.index.tolist()):
        if np.isfinite(parts.rounding[k]) and abs(parts.output[k]) <= _LARGEST:
            found[place] = _of_molecule(parts, k, smiles[place], engine)
        else:
            reasons[place] = "its score is no finite number"
    return Explained(name, found, reasons)


def _of_molecule(parts: Parts, k: int, smiles: str, engine: Engine) -> Contributions:
    at = slice(parts.atom_ptr[k], parts.atom_ptr[k + 1])
    atoms, environments = parts.atoms[at], parts.environments[at]
    if engine.recipe.hydrogens != "implicit":
        owners = own_atoms(smiles, engine.recipe)
        atoms = np.bincount(owners, weights=atoms).astype(np.float64)
        environments = np.bincount(owners, weights=environments).astype(np.float64)
    features = None if parts.features is None else float(parts.features[k])
    rounding = float(parts.rounding[k])
    return Contributions(
        tuple(atoms.tolist()),
        baseline=parts.nothing + (features or 0.0) + rounding,
        output=float(parts.output[k]),
        features=features,
        rounding=rounding,
        environments=tuple(environments.tolist()),
    )

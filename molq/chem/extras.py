"""Packed graphs with what a recipe wants beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molq.chem.featurized import Featurized
from molq.chem.molecule import asked, molecule
from molq.chem.packed import PackedGraphs, take
from molq.chem.rdkit_featurize import prepared
from molq.chem.recipe import Recipe
from molq.records.record import Rejected

if TYPE_CHECKING:
    from molq.chem.molecule_features.compute import MoleculeFeatures


class WithExtras(NamedTuple):
    """Graphs of the molecules that have all that the recipe wants; the others with the reason why not."""

    graphs: PackedGraphs
    kept: NDArray[np.int64]
    """[m], rising places among those given"""
    failed: dict[int, str]
    """place → reason"""


def with_extras(graphs: PackedGraphs, smiles: Sequence[str], recipe: Recipe) -> WithExtras:
    """The ``graphs`` of ``smiles``, n of each, with the recipe's molecule features; without any, as they are."""
    if not recipe.molecule_features:
        return WithExtras(graphs, np.arange(graphs.n_mols), {})
    mols: list[Chem.Mol] = []
    places: list[int] = []
    failed: dict[int, str] = {}
    for place, text in enumerate(smiles):
        mol, complaint = asked(_molecule, text, recipe)
        if mol is None:
            failed[place] = complaint or "RDKit makes no molecule of it, and gives no reason"
        else:
            mols.append(mol)
            places.append(place)
    found = _of_mols(mols, recipe)
    kept = np.array(places, np.int64)[found.kept]
    failed |= {places[place]: reason for place, reason in found.failed.items()}
    return WithExtras(take(graphs, kept)._replace(extras=found.values), kept, failed)


def with_extras_of_mol(graph: PackedGraphs, mol: Chem.Mol, recipe: Recipe) -> PackedGraphs | str:
    """The graph of one sanitized molecule with the recipe's molecule features, or the reason why it has none."""
    if not recipe.molecule_features:
        return graph
    found = _of_mols([prepared(mol, recipe)], recipe)
    return found.failed[0] if found.failed else graph._replace(extras=found.values)


def completed(featurized: Featurized, smiles: Sequence[str], recipe: Recipe) -> Featurized:
    """The same with the recipe's molecule features; molecules that have none are rejected."""
    if not recipe.molecule_features:
        return featurized
    made = with_extras(featurized.graphs, [smiles[i] for i in featurized.index.tolist()], recipe)
    refused = [(int(featurized.index[place]), reason) for place, reason in made.failed.items()]
    rejected = featurized.rejected + [Rejected(row, smiles[row], reason) for row, reason in refused]
    return Featurized(made.graphs, featurized.index[made.kept], sorted(rejected, key=lambda one: one.row))


def _of_mols(mols: Sequence[Chem.Mol], recipe: Recipe) -> MoleculeFeatures:
    from molq.chem.molecule_features.compute import molecule_features  # late: few models take any, and it takes 0.2 s

    return molecule_features(mols, recipe.molecule_features)


def _molecule(smiles: str, recipe: Recipe) -> Chem.Mol | None:
    mol = molecule(smiles, recipe)
    return None if mol is None else prepared(mol, recipe)

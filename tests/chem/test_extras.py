"""Molecule features come with the graphs, whichever way molecules come."""

from __future__ import annotations

import numpy as np
import pytest
from molecules import DRUGS
from rdkit import Chem

from molq.chem.extras import completed, with_extras, with_extras_of_mol
from molq.chem.featurize import featurize, graphs_alone
from molq.chem.molecule_features import compute
from molq.chem.molecule_features.compute import molecule_features
from molq.chem.mols import graph_of_mol
from molq.chem.packed import PackedGraphs
from molq.chem.recipe import PLAIN, Recipe
from molq.records.cells import cells_of

FEATURES = ("charge", "morgan_count")
RECIPE = Recipe(molecule_features=FEATURES)
SMILES = [*DRUGS, "C(", "[H]OC", "C[C@H](N)C(=O)O"]
BAD = SMILES.index("C(")


def expected(smiles: list[str], recipe: Recipe) -> np.ndarray:
    """Of chemprop's molecules of that recipe."""
    from chemprop.utils import make_mol

    options = {
        "keep_h": recipe.keeps_hydrogens,
        "add_h": recipe.adds_hydrogens,
        "ignore_stereo": recipe.ignore_stereo,
    }
    return molecule_features([make_mol(text, **options) for text in smiles], recipe.molecule_features).values


@pytest.mark.parametrize("hydrogens", ["implicit", "explicit", "kept", "kept+explicit"])
@pytest.mark.parametrize("ignore_stereo", [False, True])
def test_features_are_those_of_chemprops_molecule(hydrogens: str, ignore_stereo: bool) -> None:
    recipe = Recipe(hydrogens, ignore_stereo, FEATURES)  # type: ignore[arg-type]
    found = featurize(SMILES, recipe=recipe)
    good = [text for text in SMILES if text != "C("]
    assert [(one.row, one.smiles) for one in found.rejected] == [(BAD, "C(")]
    assert np.array_equal(found.graphs.extras, expected(good, recipe))
    for text, extras in zip(good, found.graphs.extras, strict=True):
        if "H" not in text or recipe.hydrogens == "implicit":
            graph = graph_of_mol(Chem.MolFromSmiles(text), recipe=recipe)
            assert isinstance(graph, PackedGraphs)
            assert np.array_equal(graph.extras, extras[None]), text


def test_the_graphs_are_the_same_with_and_without() -> None:
    with_them, without = featurize(SMILES, recipe=RECIPE), featurize(SMILES)
    for ours, theirs in zip(with_them.graphs[:5], without.graphs[:5], strict=True):
        assert np.array_equal(ours, theirs)
    assert without.graphs.extras.shape == (len(SMILES) - 1, 0)
    assert graphs_alone(SMILES, recipe=RECIPE).graphs.extras.shape == (len(SMILES) - 1, 0)


def test_texts_may_be_cells() -> None:
    assert np.array_equal(featurize(cells_of(DRUGS), recipe=RECIPE).graphs.extras, expected(DRUGS, RECIPE))


def test_a_plain_recipe_changes_nothing() -> None:
    found = graphs_alone(DRUGS)
    assert completed(found, DRUGS, PLAIN) is found
    assert with_extras(found.graphs, DRUGS, PLAIN).graphs is found.graphs
    one = graphs_alone(["CO"]).graphs
    assert with_extras_of_mol(one, Chem.MolFromSmiles("CO"), PLAIN) is one


def test_a_molecule_on_which_rdkit_raises_is_rejected_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    real = compute.generator

    def fails_on_methane(name: str) -> object:
        made = real(name)

        def row(mol: Chem.Mol) -> object:
            if mol.GetNumAtoms() == 1:
                raise RuntimeError("Pre-condition Violation")
            return made.row(mol)

        return made._replace(row=row)

    monkeypatch.setattr(compute, "generator", fails_on_methane)
    found = featurize(["CO", "C(", "C", "CC"], recipe=RECIPE)
    assert found.index.tolist() == [0, 3]
    assert [(one.row, one.reason) for one in found.rejected][1] == (2, "pre-condition Violation")
    assert found.rejected[0].row == 1
    assert found.graphs.extras.shape == (2, 2049)
    assert graph_of_mol(Chem.MolFromSmiles("C"), recipe=RECIPE) == "pre-condition Violation"

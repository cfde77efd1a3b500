"""Whatever RDKit raises on a molecule is that molecule's fault, in every place where molecules meet RDKit."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from molq.chem import rdkit_featurize
from molq.chem.cuik_featurize import featurize_with_cuik
from molq.chem.featurize import Featurizer, featurize
from molq.chem.fingerprints import packed_morgan_fingerprints
from molq.chem.identity import canonical_smiles
from molq.chem.judge import are_smiles
from molq.chem.molblocks import smiles_of_block
from molq.chem.molecule import asked, molecule, own_atoms
from molq.chem.mols import graph_of_mol
from molq.chem.pictures.svg import picture
from molq.chem.properties import property_profile
from molq.chem.recipe import Recipe
from molq.chem.rejection import rejection_reason
from molq.chem.scaffolds import NO_SCAFFOLD, generic_scaffolds, murcko_scaffolds
from molq.chem.selection.diversity import pick_diverse

POISON = "CC[Si](C)(C)C#CC1CC1"
INVARIANT = "Invariant Violation\n\n\tinconsistent state\n\tViolation occurred on line 306"
ONE_LINE = "invariant Violation inconsistent state Violation occurred on line 306"
GOOD = ["CCO", "c1ccccc1C", "CC(=O)N"]


def raises(error: BaseException):
    def raising(*_anything, **_more):
        raise error

    return raising


@pytest.fixture(
    params=[RuntimeError(INVARIANT), ValueError(INVARIANT), IndexError(INVARIANT)], ids=lambda e: str(type(e))
)
def poisoned(request, monkeypatch):
    """RDKit that breaks an invariant of its own at one molecule."""
    read = Chem.MolFromSmiles

    def reading(text, *others, **options):
        if text == POISON:
            raise request.param
        return read(text, *others, **options)

    monkeypatch.setattr(Chem, "MolFromSmiles", reading)


def test_an_answer_or_what_was_raised_as_one_line():
    assert asked(lambda: 3) == (3, None)
    assert asked(raises(RuntimeError(INVARIANT))) == (None, ONE_LINE)
    assert asked(raises(IndexError())) == (None, "indexError")
    with pytest.raises(MemoryError):
        asked(raises(MemoryError()))
    with pytest.raises(KeyboardInterrupt):
        asked(raises(KeyboardInterrupt()))


@pytest.mark.parametrize("smiles", ["C(C", "C[CH5]", "\udc80"])
def test_what_is_no_molecule_is_none_without_a_word(smiles, capfd):
    assert molecule(smiles) is None
    assert capfd.readouterr() == ("", "")
    assert molecule("CCO").GetNumAtoms() == 3


@pytest.mark.usefixtures("poisoned")
def test_a_poison_molecule_is_refused_alone():
    assert rejection_reason(POISON) == f"unparsable SMILES: {ONE_LINE}"
    found = rdkit_featurize.featurize_with_rdkit([*GOOD, POISON, "CCN"])
    assert [(refused.row, refused.reason) for refused in found.rejected] == [(3, f"unparsable SMILES: {ONE_LINE}")]
    assert found.index.tolist() == [0, 1, 2, 4]
    found = Featurizer(audit_rate=1.0).featurize([*GOOD, POISON, "CCN"])
    assert len(found.index) + len(found.rejected) == 5
    assert {0, 1, 2, 4} <= set(found.index.tolist())


@pytest.mark.usefixtures("poisoned")
def test_a_poison_molecule_costs_its_neighbours_nothing():
    texts = [*GOOD, POISON]
    assert are_smiles(texts) == [True, True, True, False]
    assert murcko_scaffolds(texts)[3] == generic_scaffolds(texts)[3] == NO_SCAFFOLD
    assert murcko_scaffolds(texts)[:3] == murcko_scaffolds(GOOD)
    profile = property_profile(texts)
    assert np.isnan(profile[3]).all()
    assert np.array_equal(profile[:3], property_profile(GOOD))
    fingerprints = packed_morgan_fingerprints(texts)
    assert not fingerprints[3].any()
    assert np.array_equal(fingerprints[:3], packed_morgan_fingerprints(GOOD))
    assert canonical_smiles(POISON) == POISON
    assert picture(POISON) is None
    assert sorted(pick_diverse(texts, 4).tolist()) == [0, 1, 2, 3]


def test_writing_and_packing_may_fail_too(monkeypatch):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))
    monkeypatch.setattr(Chem, "MolToSmiles", raises(RuntimeError(INVARIANT)))
    assert smiles_of_block(block) == ("", ONE_LINE)
    assert canonical_smiles("OCC") == "OCC"
    assert murcko_scaffolds(["c1ccccc1", "CCO"]) == [NO_SCAFFOLD, NO_SCAFFOLD]
    monkeypatch.setattr(Chem, "MolFromMolBlock", raises(RuntimeError(INVARIANT)))
    assert smiles_of_block(block) == ("", f"unreadable mol block: {ONE_LINE}")
    monkeypatch.setattr(rdkit_featurize, "_atom", raises(OverflowError("too large")))
    assert rdkit_featurize.graph_or_reason("CCO", 100) == "too large"
    assert graph_of_mol(Chem.MolFromSmiles("CCO")) == "too large"


def test_an_error_of_any_kind_in_cuik_is_asked_of_rdkit_again(monkeypatch):
    class Failing:
        def __getattr__(self, name):
            return raises(IndexError("out of range"))

    expected = featurize(GOOD).graphs
    monkeypatch.setattr("molq.chem.cuik_featurize.cuik_extension", Failing)
    monkeypatch.setattr("molq.chem.cuik_featurize._request", lambda: ())
    found = featurize_with_cuik(GOOD)
    assert found.index.tolist() == [0, 1, 2]
    assert np.array_equal(found.graphs.atoms, expected.atoms)


@pytest.mark.parametrize(
    ("hydrogens", "owners"),
    [
        ("implicit", [0, 1]),
        ("explicit", [0, 1, 0, 0, 0, 1]),
        ("kept", [0, 0, 1]),
        ("kept+explicit", [0, 0, 1, 0, 0, 1]),
    ],
)
def test_every_atom_of_a_graph_belongs_to_one_of_the_smiles(hydrogens, owners):
    recipe = Recipe(hydrogens=hydrogens)
    assert own_atoms("[H]CO", recipe) == owners
    assert len(owners) == len(featurize(["[H]CO"], recipe=recipe).graphs.atoms)

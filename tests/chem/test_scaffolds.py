import doctest

import pytest
from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold

from molq.chem import scaffolds as scaffolds_module
from molq.chem.scaffolds import NO_SCAFFOLD, generic_scaffolds, murcko_scaffolds

NO_MOLECULES = [" ", "C(", "[CH5]", "C\udc80", NO_SCAFFOLD]


@pytest.fixture(scope="module")
def molecules(dataset_smiles):
    smiles = [*dataset_smiles("bbbp", 400), *dataset_smiles("hiv", 500), *dataset_smiles("moses_train", 200)]
    return [s for s in smiles if Chem.MolFromSmiles(s) is not None]


def test_equal_to_rdkit(molecules):
    expected = [MurckoScaffold.MurckoScaffoldSmiles(mol=Chem.MolFromSmiles(s)) for s in molecules]
    assert murcko_scaffolds(molecules) == expected
    assert 100 < len(set(expected)) < len(molecules)


def test_generic_equal_to_rdkit(molecules):
    n_compared = 0
    for smiles, generic in zip(molecules, generic_scaffolds(molecules), strict=True):
        scaffold = MurckoScaffold.GetScaffoldForMol(Chem.MolFromSmiles(smiles))
        try:
            expected = Chem.MolToSmiles(MurckoScaffold.MakeScaffoldGeneric(scaffold))
        except Chem.AtomValenceException:
            assert "*" in generic
            continue
        assert generic == Chem.CanonSmiles(expected)
        n_compared += 1
    assert n_compared > 0.98 * len(molecules)


def test_a_generic_scaffold_is_canonical_carbon(molecules):
    generics = sorted(set(generic_scaffolds(molecules)) - {""})
    assert [Chem.CanonSmiles(g) for g in generics] == generics
    assert all(set(g) <= set("C*()0123456789%.") for g in generics)


def test_the_scaffold_of_a_scaffold_is_itself(dataset_smiles, molecules):
    scaffolds = sorted(set(murcko_scaffolds(dataset_smiles("moses_train", 300))))
    assert murcko_scaffolds(scaffolds) == scaffolds
    assert generic_scaffolds(murcko_scaffolds(molecules)) == generic_scaffolds(molecules)


def test_acyclic_molecules_have_none():
    acyclic = ["CCO", "C", "[Na+].[Cl-]", ""]
    assert murcko_scaffolds(acyclic) == generic_scaffolds(acyclic) == [""] * 4


@pytest.mark.parametrize("function", [murcko_scaffolds, generic_scaffolds])
def test_what_is_no_molecule_is_told_from_acyclic(function, capfd):
    assert function([*NO_MOLECULES, "c1ccccc1"])[:-1] == [NO_SCAFFOLD] * len(NO_MOLECULES)
    assert capfd.readouterr().err == ""


def test_stereo_and_atom_order_do_not_matter():
    same = ["C[C@H]1CC[C@@H](O)CC1", "C[C@@H]1CC[C@@H](O)CC1", "OC1CCC(C)CC1"]
    assert murcko_scaffolds(same) == ["C1CCCCC1"] * 3


def test_workers_do_not_change_the_answer(molecules, monkeypatch):
    monkeypatch.setattr(scaffolds_module, "_CHUNK", 100)
    some = molecules[:250]
    assert murcko_scaffolds(some, workers=2) == murcko_scaffolds(some)


def test_the_examples_run():
    results = doctest.testmod(scaffolds_module)
    assert results.attempted == 2
    assert results.failed == 0

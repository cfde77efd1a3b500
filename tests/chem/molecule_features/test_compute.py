"""Every feature, bit for bit that of its source: chemprop 2's own featurizers, and what chemprop 1 calls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from molecules import DRUGS
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdMolDescriptors
from rdkit.rdBase import BlockLogs

from molq.chem.molecule_features import compute
from molq.chem.molecule_features.compute import columns, molecule_features, width
from molq.chem.molecule_features.generator import Failure, Generator
from molq.chem.molecule_features.names import ALL_NAMES, NAMES, V1_NAMES, V1_PREFIX

LARGE = "C" * 190
"""beyond float32 in one descriptor"""


@pytest.fixture(scope="module")
def mols(odd_smiles: list[str]) -> list[Chem.Mol]:
    with BlockLogs():
        return [Chem.MolFromSmiles(text) for text in [*DRUGS, *odd_smiles, LARGE]]


def as_inputs(rows: list[NDArray]) -> NDArray[np.float32]:
    """What a network of chemprop is given."""
    joined = np.array(rows, np.float64)
    joined[np.isnan(joined)] = 0.0
    with np.errstate(over="ignore"):
        return joined.astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_chemprops_own_featurizer_gives_the_same_bits(name: str, mols: list[Chem.Mol]) -> None:
    from chemprop.featurizers.molecule import MoleculeFeaturizerRegistry

    theirs = MoleculeFeaturizerRegistry[name]()
    ours = molecule_features(mols, [name])
    assert not ours.failed
    with BlockLogs():
        assert np.array_equal(ours.values, as_inputs([theirs(Chem.Mol(mol)) for mol in mols]))
    assert np.isinf(ours.values).any() == (name in ("rdkit_2d", "v1_rdkit_2d"))


def of_chemprop_1(name: str) -> Callable[[Chem.Mol], NDArray]:
    """The function that chemprop 1.6.1 registers under that name."""
    from descriptastorus.descriptors import rdDescriptors, rdNormalizedDescriptors

    made = {
        "morgan": lambda mol: rdMolDescriptors.GetMorganFingerprintAsBitVect(mol, 2, nBits=2048),
        "morgan_count": lambda mol: rdMolDescriptors.GetHashedMorganFingerprint(mol, 2, nBits=2048),
        "rdkit_2d": rdDescriptors.RDKit2D(),
        "rdkit_2d_normalized": rdNormalizedDescriptors.RDKit2DNormalized(),
    }[name]

    def row(mol: Chem.Mol) -> NDArray:
        if name.startswith("rdkit"):
            return np.array(made.process(Chem.MolToSmiles(mol, isomericSmiles=True))[1:])
        array = np.zeros(1)
        DataStructs.ConvertToNumpyArray(made(mol), array)
        return array

    return row


@pytest.mark.parametrize("name", V1_NAMES)
def test_what_chemprop_1_calls_gives_the_same_bits(name: str, mols: list[Chem.Mol]) -> None:
    row, mols = of_chemprop_1(name), mols[::3]
    with BlockLogs():
        rows = [row(mol) for mol in mols]
    assert not all(mol.GetNumHeavyAtoms() for mol in mols)
    for place, mol in enumerate(mols):
        if mol.GetNumHeavyAtoms() == 0:
            rows[place] = np.zeros_like(rows[place])
    assert np.array_equal(molecule_features(mols, [V1_PREFIX + name]).values, as_inputs(rows))


def test_chemprop_2_tells_centres_by_their_chirality_and_chemprop_1_does_not() -> None:
    two = [Chem.MolFromSmiles(text) for text in ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O")]
    for name, differs in (("morgan_binary", True), ("chemprop1.morgan", False)):
        left, right = molecule_features(two, [name]).values
        assert np.array_equal(left, right) != differs


def test_features_stand_side_by_side_in_the_order_named() -> None:
    some = [Chem.MolFromSmiles(text) for text in DRUGS]
    together = molecule_features(some, ["charge", "rdkit_2d"])
    apart = [molecule_features(some, [name]).values for name in ("charge", "rdkit_2d")]
    assert np.array_equal(together.values, np.concatenate(apart, axis=1))
    assert width(["charge", "rdkit_2d"]) == together.values.shape[1] == len(columns(["charge", "rdkit_2d"]))
    assert columns(["charge", "v1_rdkit_2d"])[:2] == ("charge charge", "v1_rdkit_2d BalabanJ")


def test_a_molecules_features_do_not_depend_on_the_others(mols: list[Chem.Mol]) -> None:
    some = mols[:6]
    at_once = molecule_features(some, ["v1_rdkit_2d_normalized"]).values
    for place, mol in enumerate(some):
        assert np.array_equal(molecule_features([mol], ["v1_rdkit_2d_normalized"]).values[0], at_once[place])


def test_no_molecules_have_no_rows() -> None:
    for name in ALL_NAMES:
        assert molecule_features([], [name]).values.shape == (0, width([name]))


@pytest.mark.parametrize("how", ["raises", "says so"])
def test_a_molecule_on_which_rdkit_raises_is_left_out_with_the_reason(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def row(mol: Chem.Mol) -> NDArray[np.float64] | Failure:
        if mol.GetNumAtoms() != 2:
            return np.array([mol.GetNumAtoms()], float)
        if how == "raises":
            raise RuntimeError("Pre-condition Violation")
        return Failure("pre-condition Violation")

    monkeypatch.setattr(compute, "generator", lambda name: Generator(("size",), row))
    found = molecule_features([Chem.MolFromSmiles("C" * n) for n in (1, 2, 3)], ["charge"])
    assert found.kept.tolist() == [0, 2]
    assert found.values.tolist() == [[1.0], [3.0]]
    assert found.failed == {1: "pre-condition Violation"}

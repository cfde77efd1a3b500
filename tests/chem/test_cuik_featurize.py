"""cuik_molmaker gives RDKit's bytes; what it leaves out or refuses goes through RDKit."""

import numpy as np
import pytest

from molq.chem import cuik_featurize
from molq.chem.cuik_featurize import featurize_with_cuik
from molq.chem.packed import take
from molq.chem.rdkit_featurize import featurize_with_rdkit

GOOD = ["CCO", "c1ccccc1", "C[C@H](F)Cl", "F/C=C/F", "[13CH4]", "[Na+].[Cl-]"]
BAD = ["", "C(", "O=CO[AlH3](OC=O)OC=O", "c1cccc1"]


def assert_same(found, expected):
    assert all(a.tobytes() == b.tobytes() for a, b in zip(found.graphs, expected.graphs, strict=True))
    assert found.index.tolist() == expected.index.tolist()
    assert found.rejected == expected.rejected


def test_the_bytes_are_rdkits(odd_smiles):
    smiles = odd_smiles + GOOD + BAD
    assert_same(featurize_with_cuik(smiles), featurize_with_rdkit(smiles))


@pytest.mark.parametrize("name", ["tox21", "hiv"])
def test_the_bytes_are_rdkits_on_public_sets(dataset_smiles, name):
    smiles = dataset_smiles(name, 3_000)
    assert_same(featurize_with_cuik(smiles), featurize_with_rdkit(smiles))


def test_what_cuik_leaves_out_rdkit_packs(monkeypatch):
    expected = featurize_with_cuik(GOOD + BAD)
    whole = cuik_featurize._pack

    def half_blind(smiles):
        packed = whole(smiles)
        seen = np.flatnonzero(packed.found % 2)
        return packed._replace(graphs=take(packed.graphs, seen), found=packed.found[seen])

    monkeypatch.setattr(cuik_featurize, "_pack", half_blind)
    assert_same(featurize_with_cuik(GOOD + BAD), expected)

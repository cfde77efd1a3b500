import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molq.chem.fingerprints import (
    morgan_fingerprints,
    nearest_similarities,
    packed_morgan_fingerprints,
    tanimoto,
)


@pytest.fixture(scope="module")
def molecules(dataset_smiles):
    return dataset_smiles("bace", 150)


def rdkit_fingerprints(smiles, radius, n_bits):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)
    return [generator.GetFingerprint(Chem.MolFromSmiles(s)) for s in smiles]


@pytest.mark.parametrize(("radius", "n_bits"), [(2, 2048), (3, 1024), (0, 64)])
def test_bits_are_those_of_rdkit(molecules, radius, n_bits):
    expected = [list(fp) for fp in rdkit_fingerprints(molecules, radius, n_bits)]
    found = morgan_fingerprints(molecules, radius, n_bits)
    assert found.dtype == np.uint8
    assert found.tolist() == expected
    packed = packed_morgan_fingerprints(molecules, radius, n_bits)
    assert packed.tolist() == np.packbits(found, axis=1, bitorder="little").tolist()


def test_tanimoto_is_that_of_rdkit(molecules):
    fingerprints = rdkit_fingerprints(molecules, 2, 2048)
    expected = np.array([DataStructs.BulkTanimotoSimilarity(fp, fingerprints) for fp in fingerprints], np.float32)
    packed = packed_morgan_fingerprints(molecules)
    assert np.array_equal(tanimoto(packed, packed), expected)
    similarity, nearest = nearest_similarities(packed[:50], packed[50:])
    assert np.array_equal(similarity, expected[:50, 50:].max(axis=1))
    assert np.array_equal(nearest, expected[:50, 50:].argmax(axis=1))


def test_what_is_no_molecule_has_no_bits(capfd):
    packed = packed_morgan_fingerprints(["C(", "", "CC", "C\udc80"])
    assert packed.any(axis=1).tolist() == [False, False, True, False]
    assert tanimoto(packed[:1], packed).tolist() == [[0, 0, 0, 0]]
    assert nearest_similarities(packed[:1], packed)[0].tolist() == [0]
    assert capfd.readouterr().err == ""


def test_empty_and_impossible_requests():
    assert morgan_fingerprints([]).shape == (0, 2048)
    packed = packed_morgan_fingerprints(["CC"])
    assert nearest_similarities(packed[:0], packed)[0].shape == (0,)
    with pytest.raises(ValueError, match="no references"):
        nearest_similarities(packed, packed[:0])
    with pytest.raises(ValueError, match="n_bits is 100"):
        morgan_fingerprints(["CC"], n_bits=100)


def test_the_first_of_equally_near_references_is_named():
    references = packed_morgan_fingerprints(["CCO", "CCN", "CCO", "c1ccccc1"])
    similarity, nearest = nearest_similarities(packed_morgan_fingerprints(["OCC", "[He]"]), references)
    assert similarity.tolist() == [1, 0]
    assert nearest.tolist() == [0, 0]

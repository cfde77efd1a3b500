import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from rdkit.ML.Cluster import Butina

from molq.chem.selection.clusters import butina, weighted_maxmin
from molq.chem.table import read_table
from molq.data.locate import library_path

GENERATOR = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


@pytest.fixture(scope="module")
def smiles():
    """Actives of one target and molecules of a library, the likes of which stand apart."""
    return read_table(library_path("bace")).smiles[:250] + read_table(library_path("zinc-sample")).smiles[:150]


def bits(smiles):
    return [GENERATOR.GetFingerprint(Chem.MolFromSmiles(text)) for text in smiles]


@pytest.mark.parametrize("similar", [0.3, 0.4, 0.7])
def test_the_clusters_are_those_of_rdkit(smiles, similar):
    last_first = bits(smiles[::-1])  # of equals RDKit takes the later
    distances = [
        1 - similarity
        for i in range(1, len(last_first))
        for similarity in DataStructs.BulkTanimotoSimilarity(last_first[i], last_first[:i])
    ]
    found = Butina.ClusterData(distances, len(smiles), 1 - similar + 1e-9, isDistData=True)
    expected = {frozenset(len(smiles) - 1 - i for i in cluster) for cluster in found}
    clusters = butina(smiles, similar)
    assert {frozenset(np.flatnonzero(clusters == c).tolist()) for c in set(clusters.tolist())} == expected


def test_clusters_are_numbered_by_their_first_molecule(smiles):
    clusters = butina(smiles).tolist()
    assert list(dict.fromkeys(clusters)) == list(range(max(clusters) + 1))


def test_maxmin_takes_the_best_and_then_what_its_rule_says(smiles):
    smiles = smiles[200:300]
    fingerprints = bits(smiles)
    picked = [0]
    while len(picked) < 12:
        values = [
            (1 - max(DataStructs.TanimotoSimilarity(fingerprints[i], fingerprints[j]) for j in picked)) * (1 - i / 100)
            for i in range(100)
        ]
        picked.append(int(np.argmax(values)))
    assert weighted_maxmin(smiles, 12).tolist() == picked


def test_small_lists():
    assert butina([]).tolist() == []
    assert butina(["CCO"]).tolist() == [0]
    assert butina(["CCO", "c1ccccc1", "CCO"]).tolist() == [0, 1, 0]
    assert butina(["C", "c1cc"]).tolist() == [0, 1], "what has no fingerprint is like nothing"
    assert weighted_maxmin([], 3).tolist() == []
    assert weighted_maxmin(["CCO", "CCO", "CCO"], 5).tolist() == [0, 1, 2]

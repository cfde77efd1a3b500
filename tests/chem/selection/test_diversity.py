import numpy as np
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molq.chem.selection.diversity import pick_diverse

SMILES = [
    a + b for a in ("C", "CCO", "N", "Cl", "CC(=O)N") for b in ("c1ccccc1", "c1ccncc1", "C1CCCCC1", "CCCC", "C#N")
]


def test_every_pick_is_the_farthest_from_those_before():
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    prints = [generator.GetFingerprint(Chem.MolFromSmiles(s)) for s in SMILES]
    distance = 1 - np.array([DataStructs.BulkTanimotoSimilarity(p, prints) for p in prints])
    picks = pick_diverse(SMILES, 10, seed=3)
    for n in range(1, 10):
        nearest = distance[:, picks[:n]].min(axis=1)
        assert nearest[picks[n]] == nearest.max()


def test_the_seed_decides():
    assert pick_diverse(SMILES, 6, seed=1).tolist() == pick_diverse(SMILES, 6, seed=1).tolist()
    assert len({pick_diverse(SMILES, 1, seed=s)[0] for s in range(20)}) > 3

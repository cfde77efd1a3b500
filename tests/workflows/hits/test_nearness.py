import pytest
from made_hits import HITS
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molq.errors import InputError
from molq.workflows.hits.nearness import with_nearness


def test_the_nearest_is_that_of_rdkit():
    reference = ["CCN", "Oc1ccccc1", "c1cc", "CCCO"]
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    known = [generator.GetFingerprint(Chem.MolFromSmiles(text)) for text in ("CCN", "Oc1ccccc1", "CCCO")]
    found = with_nearness(HITS, reference, "mine.csv")
    assert found.reference == "mine.csv: 3 molecules"
    for hit, nearest in zip(found.hits, ["Oc1ccccc1", "CCCO"], strict=True):
        mine = generator.GetFingerprint(Chem.MolFromSmiles(hit.smiles))
        assert hit.belief.nearest == nearest
        assert hit.belief.similarity == pytest.approx(max(DataStructs.BulkTanimotoSimilarity(mine, known)))
        assert hit.belief.verdict is None


def test_a_reference_of_nothing_is_an_error():
    with pytest.raises(InputError, match="none of its 1 rows is a molecule"):
        with_nearness(HITS, ["c1cc"], "mine.csv")

"""Ring systems are learnt from RDKit; what it rejects teaches nothing."""

import numpy as np
import pytest

from molq.chem.fastpath import learning
from molq.chem.fastpath.kernel import perceive
from molq.chem.fastpath.learning import learn_rings
from molq.chem.fastpath.memory import RingMemory
from molq.chem.fastpath.verdicts import SURE, UNKNOWN_RINGS
from molq.chem.fastpath.workspace import make_workspace
from molq.chem.featurize import Featurizer


def test_every_piece_of_a_molecule_is_learnt():
    memory, work, text = RingMemory(), make_workspace(), np.frombuffer(b"c1ccncc1Cc1ccsc1", np.uint8)
    assert perceive(text, 0, len(text), memory.table, work)[0] == UNKNOWN_RINGS
    assert learn_rings(text, 0, len(text), memory, work)
    assert len(memory) == 2
    assert perceive(text, 0, len(text), memory.table, work) == (SURE, 12, 13)


@pytest.mark.parametrize("smiles", [b"c1cccc1", b"c1ccnc1C"])
def test_what_rdkit_rejects_teaches_nothing(smiles):
    memory, work, text = RingMemory(), make_workspace(), np.frombuffer(smiles, np.uint8)
    assert not learn_rings(text, 0, len(text), memory, work)
    assert len(memory) == 0
    assert perceive(text, 0, len(text), memory.table, work)[0] == UNKNOWN_RINGS


def test_where_rdkit_raises_at_a_question_it_is_asked_for_the_molecule(monkeypatch):
    def raising(*_):
        raise RuntimeError("Invariant Violation")

    smiles = ["c1ccncc1Cc1ccsc1", "CCO"]
    expected = Featurizer(audit_rate=None).featurize(smiles)
    monkeypatch.setattr(learning, "_answer", raising)
    featurizer = Featurizer(audit_rate=0.0)
    featurizer.memory = RingMemory()
    found = featurizer.featurize(smiles)
    assert found.rejected == []
    assert all(np.array_equal(a, b) for a, b in zip(found.graphs, expected.graphs, strict=True))

"""What comes with molq is what this RDKit says."""

import numpy as np
import pytest

from molq.chem.fastpath import known_rings as known_rings_module
from molq.chem.fastpath.known_rings import known_rings, save_known
from molq.chem.fastpath.learning import learn_rings
from molq.chem.fastpath.memory import RingMemory, look_up
from molq.chem.fastpath.workspace import make_workspace


def answers_of(memory, key):
    entry = look_up(memory.table, key, len(key))
    return None if entry < 0 else memory.table.answers[slice(*memory.table.answer_stop[entry : entry + 2])].tobytes()


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_rdkit_asked_again_says_the_same_of_every_entry(step):
    known = known_rings()
    asked, work = RingMemory(), make_workspace()
    examples = list(zip(known.example_stop, known.example_stop[1:], strict=False))
    for start, stop in examples[::step]:
        learn_rings(known.examples, start, stop, asked, work)
    n = len(known.key_stop) - 1
    assert n > 3_000
    n_found = 0
    for i in range(n):
        key = known.keys[known.key_stop[i] : known.key_stop[i + 1]]
        answer = answers_of(asked, key)
        if answer is not None:
            n_found += 1
            assert answer == known.answers[known.answer_stop[i] : known.answer_stop[i + 1]].tobytes()
    assert n_found >= n // step


def test_a_memory_begins_with_it_and_learns_on():
    known, memory = known_rings(), RingMemory()
    memory.take(known)
    assert len(memory) == len(known.key_stop) - 1
    assert answers_of(memory, known.keys[: known.key_stop[1]]) == known.answers[: known.answer_stop[1]].tobytes()
    memory.learn(np.array([1, 2, 3], np.uint8), np.array([1, 0], np.uint8))
    assert answers_of(memory, np.array([1, 2, 3], np.uint8)) == b"\x01\x00"


def test_another_release_of_rdkit_begins_anew(monkeypatch, tmp_path):
    known = known_rings()
    monkeypatch.setattr(known_rings_module, "PATH", tmp_path / "rings.npz")
    save_known(known)
    assert known_rings().keys.tobytes() == known.keys.tobytes()
    monkeypatch.setattr(known_rings_module.rdBase, "rdkitVersion", "2099.01.1")
    assert known_rings() is None


@pytest.mark.parametrize("smiles", ["c1ccccc1", "C1CCc2ccccc2C1", "O=c1cc[nH]cc1"])
def test_common_systems_are_among_them(smiles, perceived):
    memory, work = RingMemory(), make_workspace()
    memory.take(known_rings())
    before = len(memory)
    text = np.frombuffer(smiles.encode(), np.uint8)
    assert learn_rings(text, 0, len(text), memory, work)
    assert len(memory) == before

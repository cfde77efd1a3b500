"""What was learnt is found by content, kept as it was, and shared with processes forked later."""

import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from molq.chem.fastpath import memory as memory_module
from molq.chem.fastpath.memory import RingMemory, look_up


def answer_of(memory, key):
    entry = look_up(memory.table, key, len(key))
    return None if entry < 0 else memory.table.answers[slice(*memory.table.answer_stop[entry : entry + 2])].tolist()


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=20), max_size=60))
def test_it_is_a_dictionary(answers):
    memory = RingMemory()
    for key, answer in answers.items():
        assert memory.learn(np.frombuffer(key, np.uint8), np.frombuffer(answer, np.uint8))
    assert len(memory) == len(answers)
    for key, answer in answers.items():
        assert answer_of(memory, np.frombuffer(key, np.uint8)) == list(answer)
        longer = np.frombuffer(key + b"x", np.uint8)
        assert (answer_of(memory, longer) is None) == (key + b"x" not in answers)


def test_equal_hashes_are_told_apart_by_content(monkeypatch):
    memory = RingMemory()
    one, other = np.array([1, 2, 3], np.uint8), np.array([3, 2, 1], np.uint8)
    memory.learn(one, np.array([1], np.uint8))
    memory.table.hashes[0] = memory_module.hash_key(other, 3)
    memory.table.slots[:] = 0
    memory.table.slots[memory_module.free_slot(memory.table, memory.table.hashes[0])] = 1
    assert look_up(memory.table, other, 3) == -1


def test_an_answer_is_kept():
    memory, key = RingMemory(), np.array([7], np.uint8)
    memory.learn(key, np.array([1], np.uint8))
    memory.learn(key, np.array([0], np.uint8))
    assert answer_of(memory, key) == [1]


def test_a_full_table_learns_no_more(monkeypatch):
    monkeypatch.setattr(memory_module, "ANSWER_BYTES", 10)
    memory = RingMemory()
    assert memory.learn(np.array([1], np.uint8), np.zeros(9, np.uint8))
    assert not memory.learn(np.array([2], np.uint8), np.zeros(9, np.uint8))
    assert look_up(memory.table, np.array([2], np.uint8), 1) == -1


def test_forked_processes_share_it():
    memory, key = RingMemory(), np.array([9, 9], np.uint8)
    child = os.fork()
    if not child:
        memory.learn(key, np.array([1, 0], np.uint8))
        os._exit(0)
    os.waitpid(child, 0)
    assert answer_of(memory, key) == [1, 0]

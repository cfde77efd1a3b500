from __future__ import annotations

import numpy as np

from molq.engine.scratch import Scratch


def test_a_loan_has_the_shape_and_type_asked_for() -> None:
    scratch = Scratch()
    for shape, dtype in (((3, 4), np.float32), ((0, 7), np.uint8), ((11,), np.int32), ((2, 1), np.float32)):
        lent = scratch.lend("x", shape, dtype)
        assert (lent.shape, lent.dtype) == (shape, dtype)
        assert lent.flags.c_contiguous
        lent[:] = 1


def test_memory_is_lent_again_as_long_as_it_suffices() -> None:
    scratch = Scratch()
    large = scratch.lend("x", (10, 10), np.float32)
    assert np.shares_memory(large, scratch.lend("x", (25, 4), np.float32))
    assert np.shares_memory(large, scratch.lend("x", (125,), np.float32))
    assert not np.shares_memory(large, scratch.lend("x", (126,), np.float32))


def test_names_and_types_keep_their_loans_apart() -> None:
    scratch = Scratch()
    a, b = scratch.lend("a", (8,), np.int32), scratch.lend("b", (8,), np.int32)
    a[:], b[:] = 1, 2
    assert a.tolist() == [1] * 8
    floats = scratch.lend("a", (8,), np.float32)
    floats[:] = 7
    assert a.tolist() == [1] * 8

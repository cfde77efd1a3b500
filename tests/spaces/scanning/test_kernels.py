"""The heap of the kernels, and their sums, against NumPy."""

from __future__ import annotations

import numpy as np

from molq.engine.activation_kernels import RELU, TANH
from molq.spaces.scanning import kernels


def test_the_highest_are_kept_and_the_first_is_the_lowest_of_them() -> None:
    values, chosen = np.empty(50, np.float32), np.empty((50, 1), np.int32)
    drawn = np.random.default_rng(1).permutation(1000).astype(np.float32)
    n = 0
    for i, value in enumerate(drawn):
        if n < 50 or value > values[0]:
            n = kernels.push(values, chosen, n, value, np.array([i], np.int32))
        assert values[0] == values[:n].min()
    assert sorted(values.tolist()) == list(range(950, 1000))
    assert (drawn[chosen[:, 0]] == values).all()


def test_sums_are_those_of_numpy() -> None:
    rows = np.random.default_rng(2).normal(size=(9, 304)).astype(np.float32)
    bias, weight = rows[7], rows[8]
    x = np.empty(304, np.float32)
    nothing = np.empty(0, np.float32)
    for k in range(1, 7):
        nodes = np.arange(k)
        expected = np.maximum(rows[:k].sum(axis=0) + bias, 0) @ weight
        got = kernels.at_most(rows, nodes, 1, 1, False, bias, weight, RELU, nothing, x)
        np.testing.assert_allclose(got, expected, rtol=1e-4)
        mean = np.maximum(rows[:k].sum(axis=0) / 20 + bias, 0) @ weight
        got = kernels.at_most(rows, nodes, 20, 20, True, bias, weight, RELU, nothing, x)
        np.testing.assert_allclose(got, mean, rtol=1e-4)
        got = kernels.at_most(rows, nodes, 1, 1, False, bias, weight, TANH, nothing, x)
        np.testing.assert_allclose(got, np.tanh(rows[:k].sum(axis=0) + bias) @ weight, rtol=1e-4, atol=1e-4)


def test_no_piece_of_a_tree_is_above_its_node() -> None:
    chance = np.random.default_rng(3)
    filled, (bias, weight) = chance.normal(size=(7, 32)).astype(np.float32), chance.normal(size=(2, 32)).astype("f")
    n = 14
    rows, x = np.empty((n, 32), np.float32), np.empty(32, np.float32)
    start, stop, left, least, most = np.empty((5, n), np.int64)
    columns = chance.normal(size=(9, 2)).astype(np.float32)
    lowest, highest = np.empty((2, n, 2), np.float32)
    atoms = np.array([9, 9, 3, 8, 4, 7, 5, 6, 2])
    end = kernels.planted(
        2, 7, filled, weight, rows, start, stop, left, columns, lowest, highest, atoms, least, most, 0
    )
    assert end == 13
    assert (start[0], stop[0], least[0], most[0]) == (0, 7, 2, 8)
    for node in range(end):
        below = range(start[node], stop[node])
        assert (lowest[node] == columns[2:][below].min(axis=0)).all()
        assert (highest[node] == columns[2:][below].max(axis=0)).all()
        for is_mean in (False, True):
            bound = kernels.at_most(
                rows, np.array([node]), least[node], most[node], is_mean, bias, weight, RELU, np.empty(0, np.float32), x
            )
            share = 1 / atoms[2:] if is_mean else np.ones(7)
            heights = np.maximum(filled * share[:, None] + bias, 0) @ weight
            assert (heights[below] <= bound + 1e-4).all()
        if left[node] < 0:
            assert stop[node] - start[node] == 1
            np.testing.assert_allclose(bound, heights[start[node]], rtol=1e-4)


def test_a_product_that_is_higher_is_not_passed_over_where_large_parts_cancel() -> None:
    """One piece in each of two positions: the bound of their block is their own height, but for rounding."""
    chance, width = np.random.default_rng(4), 32
    nothing, none = np.zeros(0, np.int64), np.zeros(0, np.float32)
    weight = np.tile(np.array([1, -1], np.float32), width // 2)
    for _ in range(40):
        base = (1e4 + chance.normal(size=(2, width))).astype(np.float32)
        bias = chance.normal(size=width).astype(np.float32)
        values, chosen = np.empty(1, np.float32), np.empty((1, 2), np.int32)

        def found(cut_off: float, base=base, bias=bias, values=values, chosen=chosen) -> int:
            box = (base, np.array([0, 1, 2]), np.array([0, 1, 0, 1]), np.array([0, 2, 4]), np.zeros((0, width), "f"))
            sights = (np.zeros(3, np.int64), nothing, np.zeros(1, np.int64), np.zeros((0, 2, 1), np.int64), nothing)
            head = (np.array([9, 9]), False, bias, weight, RELU, none, True)
            window = (np.zeros((2, 0), np.float32), none, none)
            return kernels.scan(*box, *sights, *head, *window, np.float32(cut_off), values, chosen, 0)[0]

        assert found(-np.inf) == 1
        assert found(np.nextafter(values[0], np.float32(-np.inf))) == 1

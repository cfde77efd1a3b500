"""The heap of the kernels, and their sums, against NumPy."""

from __future__ import annotations

import numpy as np

from molq.engine.activation_kernels import RELU, TANH
from molq.spaces.scanning import kernels
from molq.spaces.scanning.tables import Sights, Tables


def test_the_highest_are_kept_and_the_first_is_the_lowest_of_them() -> None:
    best = kernels.Heap(np.empty(50, np.float32), np.empty((50, 1), np.int32))
    values, chosen = best
    drawn = np.random.default_rng(1).permutation(1000).astype(np.float32)
    n = 0
    for i, value in enumerate(drawn):
        if n < 50 or value > values[0]:
            n = kernels.push(best, n, value, np.array([i], np.int32))
        assert values[0] == values[:n].min()
    assert sorted(values.tolist()) == list(range(950, 1000))
    assert (drawn[chosen[:, 0]] == values).all()


def test_sums_are_those_of_numpy() -> None:
    rows = np.random.default_rng(2).normal(size=(9, 304)).astype(np.float32)
    bias, weight = rows[7], rows[8]
    x = np.empty(304, np.float32)
    for k in range(1, 7):
        nodes = np.arange(k)
        expected = np.maximum(rows[:k].sum(axis=0) + bias, 0) @ weight
        got, magnitude = kernels.at_most(rows, nodes, 1, 1, head(bias, weight), x)
        np.testing.assert_allclose(
            magnitude, np.abs(np.maximum(rows[:k].sum(axis=0) + bias, 0) * weight).sum(), rtol=1e-4
        )
        np.testing.assert_allclose(got, expected, rtol=1e-4)
        mean = np.maximum(rows[:k].sum(axis=0) / 20 + bias, 0) @ weight
        got, _ = kernels.at_most(rows, nodes, 20, 20, head(bias, weight, is_mean=True), x)
        np.testing.assert_allclose(got, mean, rtol=1e-4)
        got, _ = kernels.at_most(rows, nodes, 1, 1, head(bias, weight, code=TANH), x)
        np.testing.assert_allclose(got, np.tanh(rows[:k].sum(axis=0) + bias) @ weight, rtol=1e-4, atol=1e-4)


def head(bias, weight, *, is_mean: bool = False, code: int = RELU) -> kernels.HeadRow:
    return kernels.HeadRow(is_mean, bias, weight, code, np.empty(0, np.float32), True)


def test_a_crown_has_the_best_of_each_class_in_every_channel() -> None:
    chance = np.random.default_rng(5)
    rows, weight = chance.normal(size=(2, 4, 3, 16)).astype("f"), chance.normal(size=16).astype("f")
    joint = {0: [0, 2], 1: [-1, 1], 2: [3], 3: [-1]}
    pairs = np.array([(c, kind) for c, kinds in joint.items() for kind in kinds]).T
    found = np.empty((2, 4, 3, 16), np.float32)
    kernels.crown(rows.reshape(-1, 16), 2, 4, 3, np.ascontiguousarray(pairs), weight, found.reshape(-1, 16))
    for c, kinds in joint.items():
        of_class = np.stack([rows[:, kind] if kind >= 0 else np.zeros((2, 3, 16)) for kind in kinds])
        assert (found[:, c] == np.where(weight > 0, of_class.max(axis=0), of_class.min(axis=0)).astype("f")).all()


def test_no_piece_of_a_tree_is_above_its_node() -> None:
    chance = np.random.default_rng(3)
    filled, (bias, weight) = chance.normal(size=(7, 32)).astype(np.float32), chance.normal(size=(2, 32)).astype("f")
    n = 14
    x, numbers = np.empty(32, np.float32), np.zeros((5, n), np.int64)
    columns = chance.normal(size=(9, 2)).astype(np.float32)
    ranges = np.empty((2, n, 2), np.float32)
    trees = kernels.Trees(np.empty((n, 32), np.float32), *numbers, *ranges)
    atoms = np.array([9, 9, 3, 8, 4, 7, 5, 6, 2])
    assert kernels.planted(2, 9, filled, weight, columns, atoms, trees, 0) == 13
    assert (trees.start[0], trees.stop[0], trees.least[0], trees.most[0]) == (2, 9, 2, 8)
    for node in range(13):
        below = np.arange(trees.start[node], trees.stop[node])
        assert (trees.lowest[node] == columns[below].min(axis=0)).all()
        assert (trees.highest[node] == columns[below].max(axis=0)).all()
        for is_mean in (False, True):
            bound, _ = kernels.at_most(
                trees.rows,
                np.array([node]),
                trees.least[node],
                trees.most[node],
                head(bias, weight, is_mean=is_mean),
                x,
            )
            share = 1 / atoms[2:] if is_mean else np.ones(7)
            heights = np.maximum(filled * share[:, None] + bias, 0) @ weight
            assert (heights[below - 2] <= bound + 1e-4).all()
        if trees.left[node] < 0:
            assert trees.stop[node] - trees.start[node] == 1
            np.testing.assert_allclose(bound, heights[trees.start[node] - 2], rtol=1e-4)


def test_a_product_that_is_higher_is_not_passed_over_where_large_parts_cancel() -> None:
    """One piece in each of two positions: the bounds of their classes are their own height, but for rounding."""
    chance, width = np.random.default_rng(4), 32
    nothing, none = np.zeros(0, np.int64), np.zeros(0, np.float32)
    weight = np.tile(np.array([1, -1], np.float32), width // 2)
    ptr = np.array([0, 1, 2])
    no_sights = Sights(np.zeros(3, np.int64), nothing, nothing, np.zeros((0, 2), np.int64))
    crowns = Sights(ptr, np.array([0, 1]), np.zeros(2, np.int64), np.zeros((2, 2), np.int64))
    for _ in range(40):
        base = (1e4 + chance.normal(size=(2, width))).astype(np.float32)
        bias = chance.normal(size=width).astype(np.float32)
        best = kernels.Heap(np.empty(1, np.float32), np.empty((1, 2), np.int32))
        box = Tables(
            base, np.array([9, 9]), ptr, ptr, ptr, ptr, np.array([0, 1]), base, no_sights, crowns, (no_sights,) * 3
        )
        ranges = kernels.WindowArrays(np.zeros((2, 0), np.float32), none, none)

        def found(cut_off: float, box=box, bias=bias, ranges=ranges, best=best) -> int:
            return kernels.scan(box, head(bias, weight), ranges, np.float32(cut_off), best, 0)[0]

        assert found(-np.inf) == 1
        assert found(np.nextafter(best.values[0], np.float32(-np.inf))) == 1

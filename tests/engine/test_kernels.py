"""Every kernel against NumPy. Sums are of small integers, which float32 holds exactly in any order."""

from __future__ import annotations

import itertools
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit, softmax

from molq.engine import kernels
from molq.engine.activation_kernels import RELU

NONE = np.empty(0, np.float32)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def whole(*shape: int) -> np.ndarray:
    """Small integers as float32, all different by place."""
    return np.random.default_rng(sum(shape)).integers(-9, 10, shape).astype(np.float32)


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, np.float32(0))


@pytest.mark.parametrize("zero", [0, 3, 128, 255])
def test_codes_are_numpys_rounded_half_to_even_and_clamped(zero: int) -> None:
    x = np.concatenate([rng().normal(0, 60, (40, 9)), np.arange(-4.5, 4.5)[None], [[np.inf, -np.inf, *[1e30] * 7]]])
    x = x.astype(np.float32)
    inverse = np.float32(1.75) if zero else np.float32(1)
    q = np.empty(x.shape, np.uint8)
    kernels.quantize_rows(x, inverse, zero, q)
    assert np.array_equal(q, (np.clip(np.rint(x * inverse), -zero, 255 - zero) + zero).astype(int))
    assert set(np.unique(q)) >= {0, 255}


def test_every_row_brings_its_own_range() -> None:
    x = np.stack([whole(7), relu(whole(7)), -relu(whole(7)), np.zeros(7), 1e-3 * whole(7)]).astype(np.float32)
    q, scale, zero = np.empty(x.shape, np.uint8), np.empty(5, np.float32), np.empty(5, np.int32)
    kernels.quantize_rows_dynamic(x, q, scale, zero)
    low, high = np.minimum(x.min(1), 0), np.maximum(x.max(1), 0)
    expected = (high - low) / np.float32(255)
    expected[3] = 1
    assert np.array_equal(scale, expected)
    assert np.array_equal(zero, np.rint(-low / expected))
    inverse = (np.float32(1) / expected)[:, None]
    assert np.array_equal(q, np.clip(np.rint(x * inverse) + zero[:, None], 0, 255))
    assert np.abs((q - zero[:, None]) * scale[:, None] - x).max() <= 0.5001 * scale.max()
    assert q[3].tolist() == [0] * 7


def test_rescaling_takes_the_zero_point_out_and_the_scales_in() -> None:
    total = rng().integers(-(10**6), 10**6, (5, 4)).astype(np.int32)
    scale, weight_scale = whole(5) / 16, whole(4) / 8
    zero, column_sum = np.array([0, 7, 128, 255, 1], np.int32), np.array([-900, 0, 35, 4000], np.int32)
    out = np.empty((5, 4), np.float32)
    kernels.rescale(total, weight_scale, out)
    assert np.array_equal(out, total.astype(np.float32) * weight_scale)
    kernels.rescale_dynamic(total, scale, zero, column_sum, weight_scale, out)
    exact = (total.astype(np.int64) - np.outer(zero, column_sum)) * np.outer(scale, weight_scale).astype(np.float64)
    assert np.array_equal(out, exact.astype(np.float32))
    shifted = total.copy()
    kernels.subtract_row(shifted, column_sum)
    assert np.array_equal(shifted, total - column_sum)


def test_rows_are_shifted_scaled_and_activated() -> None:
    x, bias, scale, table = whole(6, 5), whole(5), whole(5) / 2, whole(3, 5)
    row = np.array([2, 0, 0, 1, 2, 1], np.int32)
    cases = [
        (kernels.bias_and_activate, (bias, RELU, NONE), relu(x + bias)),
        (kernels.affine_and_activate, (scale, bias, RELU, NONE), relu(x * scale + bias)),
        (kernels.affine, (scale, bias), x * scale + bias),
        (kernels.activate_rows, (RELU, NONE), relu(x)),
        (kernels.add_table, (table, row, RELU, NONE), relu(x + table[row])),
    ]
    for kernel, arguments, expected in cases:
        out = x.copy()
        kernel(out, *arguments)
        assert np.array_equal(out, expected), kernel.__name__


PTR = np.array([0, 2, 2, 5, 6, 9], np.int32)
"""five environments, fed by 2, 0, 3, 1 and 3"""
ROOT = np.array([3, 0, 1, 3, 2], np.int32)


def test_edges_sum_what_feeds_them() -> None:
    children = np.array([4, 1, 0, 0, 2, 3, 1, 4, 2], np.int32)
    message, h0, bias = whole(5, 6), whole(4, 6), whole(6)
    sums = np.stack([message[children[a:b]].sum(0) for a, b in itertools.pairwise(PTR)])
    out = np.empty((5, 6), np.float32)
    kernels.environment_sums(PTR, children, message, out)
    assert np.array_equal(out, sums)
    kernels.environment_states(ROOT, PTR, children, h0, message, bias, RELU, NONE, out)
    assert np.array_equal(out, relu(h0[ROOT] + sums + bias))


def test_atoms_sum_their_neighbours_with_the_bonds_between() -> None:
    neighbour, bond = np.array([4, 1, 0, 0, 2, 3, 1, 4, 2]), np.array([0, 255, 7, 7, 1, 16, 0, 3, 128])
    children = (256 * neighbour + bond).astype(np.int32)
    h, bonds, own = whole(5, 6), whole(256, 6), np.float32(1.5)
    pairs = list(itertools.pairwise(PTR))
    out = np.empty((5, 6), np.float32)
    kernels.neighbour_sums(PTR, children, h, bonds, out)
    assert np.array_equal(out, [(h[neighbour[a:b]] + bonds[bond[a:b]]).sum(0) for a, b in pairs])
    kernels.isomorphism_sums(ROOT, PTR, children, h, bonds, own, out)
    sums = np.stack([relu(h[neighbour[a:b]] + bonds[bond[a:b]]).sum(0) for a, b in pairs])
    assert np.array_equal(out, own * h[ROOT] + sums)


MOL_PTR = np.array([0, 3, 3, 4, 9], np.int32)
"""four molecules, the second without an atom"""
ROW = np.array([0, 5, 2, 2, 1, 0, 4, 3, 5], np.int32)


def test_molecules_sum_their_atoms() -> None:
    h, out = whole(6, 4), np.empty((4, 4), np.float32)
    kernels.pool_sum(h, ROW, MOL_PTR, out)
    expected = np.stack([h[ROW[a:b]].sum(0) for a, b in pairwise(MOL_PTR)])
    assert np.array_equal(out, expected)
    kernels.divide_by_atoms(out, MOL_PTR)
    assert np.array_equal(out, expected / np.array([3, 1, 1, 5], np.float32)[:, None])


def test_attention_is_a_softmax_within_the_molecule() -> None:
    h, weight, bias = whole(6, 4), whole(4) / 10, np.float32(0.7)
    mol_ptr = MOL_PTR[[0, 1, 3, 4]]
    out = np.empty((3, 4), np.float32)
    kernels.pool_attentive(h, ROW, weight, bias, mol_ptr, out)
    for m, (a, b) in enumerate(pairwise(mol_ptr)):
        states = h[ROW[a:b]].astype(np.float64)
        share = softmax(states @ weight.astype(np.float64) + bias)
        np.testing.assert_allclose(out[m], share @ states, rtol=1e-5, atol=1e-5)


def test_probabilities_are_scipys_and_reach_their_ends() -> None:
    x = np.array([[-1000, -90, -20, -1], [0, 1e-6, 3, 1000]], np.float32)
    out = np.empty_like(x)
    kernels.sigmoid(x, out)
    np.testing.assert_array_max_ulp(out, expit(x.astype(np.float64)).astype(np.float32), maxulp=1)
    assert out[0, 0] == 0
    assert out[1, 3] == 1

"""Numba kernels: everything between two matrix products, one pass over memory each.

Rows are rows of C-contiguous arrays. An atom's incoming edges stand in ``in_edge[in_ptr[v]:in_ptr[v + 1]]``; ``e ^ 1``
is the reverse of edge e. No kernel mixes molecules, so no value depends on batch-mates. Arithmetic is plain float32
without reassociation: the same bits on every CPU.
"""

from __future__ import annotations

import math

import numpy as np

from molq.compiled import compiler
from molq.engine.activation_kernels import activate

# adding and subtracting 1.5·2^23 rounds a float32 of magnitude below 2^22 to the nearest integer, ties to even
_ROUND = np.float32(12582912.0)

jit = compiler(__file__)


@jit
def quantize_row(x, inverse, zero, q):
    """q uint8 [d] ← round(x·inverse) + zero, clamped to 0..255."""
    low, high = np.float32(-zero), np.float32(255 - zero)
    for i in range(x.size):
        y = min(max(x[i] * inverse, low), high)
        q[i] = np.uint8(np.int32((y + _ROUND) - _ROUND) + zero)


@jit
def quantize_rows(x, inverse, zero, q):
    """Codes q uint8 [m, d] of rows x float32 [m, d], one range for all."""
    for i in range(len(x)):
        quantize_row(x[i], inverse, zero, q[i])


@jit
def quantize_rows_dynamic(x, q, scale, zero):
    """Codes q [m, d] of rows x [m, d], each row over its own range; writes scale float32 [m] and zero int32 [m]."""
    levels, one = np.float32(255), np.float32(1)
    for i in range(len(x)):
        low, high = np.float32(0), np.float32(0)
        for j in range(x.shape[1]):
            low, high = min(low, x[i, j]), max(high, x[i, j])
        scale[i] = (high - low) / levels
        if scale[i] <= 0:
            scale[i] = one
        zero[i] = np.int32((-low / scale[i] + _ROUND) - _ROUND)
        quantize_row(x[i], one / scale[i], zero[i], q[i])


@jit
def rescale_dynamic(total, scale, zero, column_sum, weight_scale, out):
    """out float32 [m, n] ← (total − zero·column_sum)·(scale·weight_scale), total int32 [m, n], scale and zero [m]."""
    for i in range(len(total)):
        for j in range(total.shape[1]):
            out[i, j] = np.float32(total[i, j] - zero[i] * column_sum[j]) * (scale[i] * weight_scale[j])


@jit
def rescale(total, scale, out):
    """out float32 [m, n] ← total·scale, total int32 [m, n], scale float32 [n]."""
    for i in range(len(total)):
        for j in range(total.shape[1]):
            out[i, j] = np.float32(total[i, j]) * scale[j]


@jit
def subtract_row(total, row):
    """total int32 [m, n] ← total − row [n], in place."""
    for i in range(len(total)):
        for j in range(total.shape[1]):
            total[i, j] -= row[j]


@jit
def bias_and_activate(x, bias, code, numbers):
    """x [m, n] ← activation(x + bias), in place."""
    for i in range(len(x)):
        for j in range(x.shape[1]):
            x[i, j] += bias[j]
        activate(x[i], code, numbers)


@jit
def affine_and_activate(x, scale, shift, code, numbers):
    """x [m, n] ← activation(x·scale + shift), in place."""
    for i in range(len(x)):
        for j in range(x.shape[1]):
            x[i, j] = x[i, j] * scale[j] + shift[j]
        activate(x[i], code, numbers)


@jit
def affine(x, scale, shift):
    """x [m, n] ← x·scale + shift, in place."""
    for i in range(len(x)):
        for j in range(x.shape[1]):
            x[i, j] = x[i, j] * scale[j] + shift[j]


@jit
def activate_rows(x, code, numbers):
    """x [m, d] ← activation(x), in place."""
    for i in range(len(x)):
        activate(x[i], code, numbers)


@jit
def environment_states(root, ptr, children, h0, message, bias, code, numbers, out):
    """out [m, d] ← states of m environments: activation(h0[root] + Σ messages that feed it + bias)."""
    for i in range(len(out)):
        x = out[i]
        x[:] = bias
        for k in range(ptr[i], ptr[i + 1]):
            term = message[children[k]]
            for j in range(x.size):
                x[j] += term[j]
        base = h0[root[i]]
        for j in range(x.size):
            x[j] += base[j]
        activate(x, code, numbers)


@jit
def compact(x, kept):
    """x [n, d]: its rows ``kept`` [m], rising, become the first m, in place."""
    for i in range(len(kept)):
        if kept[i] != i:
            for j in range(x.shape[1]):
                x[i, j] = x[kept[i], j]


@jit
def environment_sums(ptr, children, message, out):
    """out [m, d] ← Σ of the messages that feed each of m environments."""
    for i in range(len(out)):
        x = out[i]
        x[:] = 0
        for k in range(ptr[i], ptr[i + 1]):
            term = message[children[k]]
            for j in range(x.size):
                x[j] += term[j]


@jit
def neighbour_sums(ptr, children, message, bond_table, out):
    """out [m, d] ← Σ over neighbours of message + bond term, for m environments.

    A child is 256·number of the neighbour's environment + bond descriptor.
    """
    for i in range(len(out)):
        x = out[i]
        x[:] = 0
        for k in range(ptr[i], ptr[i + 1]):
            term, bond = message[children[k] >> 8], bond_table[children[k] & 255]
            for j in range(x.size):
                x[j] += term[j] + bond[j]


@jit
def isomorphism_sums(root, ptr, children, h, bond_table, own, out):
    """out [m, d] ← own·h[root] + Σ over neighbours of ReLU(h + bond term); children as in ``neighbour_sums``."""
    zero = np.float32(0)
    for i in range(len(out)):
        x = out[i]
        x[:] = 0
        for k in range(ptr[i], ptr[i + 1]):
            term, bond = h[children[k] >> 8], bond_table[children[k] & 255]
            for j in range(x.size):
                x[j] += max(term[j] + bond[j], zero)
        base = h[root[i]]
        for j in range(x.size):
            x[j] += own * base[j]


@jit
def add_table(x, table, row, code, numbers):
    """x [m, d] ← activation(x + table[row]), in place."""
    for i in range(len(row)):
        term = table[row[i]]
        for j in range(x.shape[1]):
            x[i, j] += term[j]
        activate(x[i], code, numbers)


@jit
def pool_sum(h, row, mol_ptr, out):
    """out [n, d] ← Σ of h[row] over the atoms of each molecule."""
    for m in range(len(mol_ptr) - 1):
        into = out[m]
        into[:] = 0
        for v in range(mol_ptr[m], mol_ptr[m + 1]):
            term = h[row[v]]
            for j in range(into.size):
                into[j] += term[j]


@jit
def pool_attentive(h, row, weight, bias, mol_ptr, out):
    """out [n, d] ← Σ over atoms of h[row] weighted by softmax(h·weight + bias) within the molecule."""
    for m in range(len(mol_ptr) - 1):
        into = out[m]
        into[:] = 0
        norm = np.float64(0)
        for v in range(mol_ptr[m], mol_ptr[m + 1]):
            term = h[row[v]]
            logit = np.float64(bias)
            for j in range(into.size):
                logit += np.float64(term[j]) * weight[j]
            w = math.exp(logit)
            norm += w
            for j in range(into.size):
                into[j] += np.float32(w) * term[j]
        for j in range(into.size):
            into[j] /= np.float32(norm)


@jit
def divide_by_atoms(x, mol_ptr):
    """x [n, d] ← x / atom count of each molecule, in place."""
    for m in range(len(x)):
        count = np.float32(max(mol_ptr[m + 1] - mol_ptr[m], 1))
        for j in range(x.shape[1]):
            x[m, j] /= count


@jit
def sigmoid(x, out):
    """out float32 [n, t] ← 1/(1 + exp(−x)), computed in float64."""
    for i in range(len(x)):
        for j in range(x.shape[1]):
            out[i, j] = np.float32(1.0 / (1.0 + math.exp(-np.float64(x[i, j]))))


@jit
def add_products(states, row, weight, slopes, mol_ptr, out):
    """out [N] += weight · Σ_k states[row, k] · slopes[molecule, k], in float64."""
    for m in range(len(mol_ptr) - 1):
        for v in range(mol_ptr[m], mol_ptr[m + 1]):
            total = 0.0
            state = states[row[v]]
            for k in range(state.size):
                total += np.float64(state[k]) * slopes[m, k]
            out[v] += weight[v] * total

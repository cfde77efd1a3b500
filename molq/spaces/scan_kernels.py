"""Numba kernels that score every product of a box of pieces.

The pieces of all positions stand one after the other, those of one near class together. A term of a sight stands at
``own`` of the piece plus ``near`` of the class of every other position. Sums over channels may be taken in any order:
what comes out is compared with a cut-off, and the best are scored again by the engine.
"""

from __future__ import annotations

import numpy as np

from molq.compiled import compiler
from molq.engine.activation_kernels import RELU, activate

jit = compiler(__file__)
fast = compiler(__file__, reorders=True)


@jit
def fill_rows(position, classes, base, pos_ptr, bounds, bound_ptr, terms, sight_ptr, own, own_ptr, near, out):
    """out [m, width] ← rows of the pieces of class ``classes[position]`` beside those of the other ``classes``."""
    at = bound_ptr[position] + classes[position]
    start, stop = bounds[at], bounds[at + 1]
    first = pos_ptr[position]
    for i in range(start, stop):
        row, source = out[i - start], base[first + i]
        for j in range(row.size):
            row[j] = source[j]
    for sight in range(sight_ptr[position], sight_ptr[position + 1]):
        beside = np.int64(0)
        for other in range(len(classes)):
            beside += near[sight, other, classes[other]]
        for i in range(start, stop):
            place = own[own_ptr[sight] + i]
            if place >= 0:
                row, term = out[i - start], terms[place + beside]
                for j in range(row.size):
                    row[j] += term[j]
    return stop - start


@jit
def push(values, pieces, n, value, chosen):
    """Enters a product among the n best so far, of which the first is the worst; how many there are now."""
    if n < len(values):
        at = n
        n += 1
        while at > 0 and values[(at - 1) // 2] > value:
            up = (at - 1) // 2
            values[at] = values[up]
            pieces[at] = pieces[up]
            at = up
    else:
        at = 0
        while True:
            down = 2 * at + 1
            if down >= n:
                break
            if down + 1 < n and values[down + 1] < values[down]:
                down += 1
            if values[down] >= value:
                break
            values[at] = values[down]
            pieces[at] = pieces[down]
            at = down
    values[at] = value
    pieces[at] = chosen
    return n


@fast
def rectified(prefix, row, weight):
    """Σ weight·max(prefix + row, 0)."""
    total = np.float32(0)
    for j in range(prefix.size):
        total += max(prefix[j] + row[j], np.float32(0)) * weight[j]
    return total


@fast
def rectified_mean(prefix, row, bias, share, weight):
    """Σ weight·max((prefix + row)·share + bias, 0)."""
    total = np.float32(0)
    for j in range(prefix.size):
        total += max((prefix[j] + row[j]) * share + bias[j], np.float32(0)) * weight[j]
    return total


@fast
def dot(x, weight):
    """Σ x·weight."""
    total = np.float32(0)
    for j in range(x.size):
        total += x[j] * weight[j]
    return total


@jit
def scan(
    base,
    pos_ptr,
    bounds,
    bound_ptr,
    terms,
    sight_ptr,
    own,
    own_ptr,
    near,
    n_atoms,
    is_mean,
    bias,
    weight,
    code,
    numbers,
    columns,
    low,
    high,
    cut_off,
    values,
    chosen,
    n,
):
    """Enters products of the box above ``cut_off`` among the n best; how many these are now, and how many were scored.

    ``columns`` [pieces, m] are added up as well, and only products between ``low`` and ``high`` [m] are scored.
    """
    k = len(pos_ptr) - 1
    width = base.shape[1]
    n_classes = np.empty(k, np.int64)
    largest = np.zeros(k + 1, np.int64)
    for p in range(k):
        n_classes[p] = bound_ptr[p + 1] - bound_ptr[p] - 1
        most = np.int64(0)
        for c in range(n_classes[p]):
            most = max(most, bounds[bound_ptr[p] + c + 1] - bounds[bound_ptr[p] + c])
        largest[p + 1] = largest[p] + most
    rows = np.empty((largest[k], width), np.float32)
    classes = np.zeros(k, np.int64)
    sizes, begins, at = np.empty(k, np.int64), np.empty(k, np.int64), np.zeros(k, np.int64)
    prefix, x = np.empty(width, np.float32), np.empty(width, np.float32)
    m = columns.shape[1]
    so_far = np.empty(m, np.float32)
    picked = np.empty(k, np.int32)
    n_scored = np.int64(0)
    one = np.float32(1)
    while True:
        inner = 0
        for p in range(k):
            sizes[p] = fill_rows(
                p, classes, base, pos_ptr, bounds, bound_ptr, terms, sight_ptr, own, own_ptr, near, rows[largest[p] :]
            )
            begins[p] = bounds[bound_ptr[p] + classes[p]]
            if sizes[p] > sizes[inner]:
                inner = p
        at[:] = 0
        while True:
            if is_mean:
                prefix[:] = 0
            else:
                prefix[:] = bias
            so_far[:] = 0
            atoms = np.int64(0)
            for p in range(k):
                if p != inner:
                    row = rows[largest[p] + at[p]]
                    for j in range(width):
                        prefix[j] += row[j]
                    piece = pos_ptr[p] + begins[p] + at[p]
                    atoms += n_atoms[piece]
                    for c in range(m):
                        so_far[c] += columns[piece, c]
                    picked[p] = begins[p] + at[p]
            for i in range(sizes[inner]):
                piece = pos_ptr[inner] + begins[inner] + i
                is_inside = True
                for c in range(m):
                    value = so_far[c] + columns[piece, c]
                    if value < low[c] or value > high[c]:
                        is_inside = False
                if not is_inside:
                    continue
                n_scored += 1
                row = rows[largest[inner] + i]
                share = one / np.float32(atoms + n_atoms[piece]) if is_mean else one
                if code == RELU:
                    if is_mean:
                        score = rectified_mean(prefix, row, bias, share, weight)
                    else:
                        score = rectified(prefix, row, weight)
                else:
                    for j in range(width):
                        x[j] = prefix[j] + row[j]
                    if is_mean:
                        for j in range(width):
                            x[j] = x[j] * share + bias[j]
                    activate(x, code, numbers)
                    score = dot(x, weight)
                if score > cut_off and (n < len(values) or score > values[0]):
                    picked[inner] = begins[inner] + i
                    n = push(values, chosen, n, score, picked)
            p = k - 1
            while p >= 0:
                if p != inner:
                    at[p] += 1
                    if at[p] < sizes[p]:
                        break
                    at[p] = 0
                p -= 1
            if p < 0:
                break
        p = k - 1
        while p >= 0:
            classes[p] += 1
            if classes[p] < n_classes[p]:
                break
            classes[p] = 0
            p -= 1
        if p < 0:
            break
    return n, n_scored

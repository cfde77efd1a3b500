"""Numba kernels that score every product of a box of pieces.

A box is the ``Tables`` of molq.spaces.boxes. For every choice of a class in each position the rows of the pieces are
filled in with the terms of plain sights, and planted as a tree for each group; what far sights add is a row of each
choice of groups. Sums over channels may be taken in any order: what comes out is compared with a cut-off, and the best
are scored again by the engine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.compiled import compiler
from molq.engine.activation_kernels import RELU, activate

_SLACK = np.float32(1e-5)
"""of what a bound is added up of, whose last bits need not rise with what goes into it"""

jit = compiler(__file__)
fast = compiler(__file__, reorders=True)


class Head(NamedTuple):
    """What makes heights of sums."""

    is_mean: bool
    bias: NDArray[np.float32]
    """[width]"""
    weight: NDArray[np.float32]
    """[width]"""
    code: int
    numbers: NDArray[np.float32]
    rises: bool
    """whether the activation does, all the way"""


class Windows(NamedTuple):
    """Which products are wanted: m numbers of the pieces, added up, lie between ``low`` and ``high`` [m]."""

    columns: NDArray[np.float32]
    """[pieces, m]"""
    low: NDArray[np.float32]
    high: NDArray[np.float32]


class Trees(NamedTuple):
    """Nodes: pieces ``start`` to ``stop``, of which ``left`` and the node after it are a half each."""

    rows: NDArray[np.float32]
    """[nodes, width]: in every channel the best of the pieces"""
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    left: NDArray[np.int64]
    """-1 for one piece"""
    least: NDArray[np.int64]
    """atoms"""
    most: NDArray[np.int64]
    lowest: NDArray[np.float32]
    """[nodes, m]: of the columns of the windows"""
    highest: NDArray[np.float32]


@jit
def add_terms(sights, terms, position, unit, beside, row):
    """row [width] += the terms of the sights of a position, of a unit ``beside`` those of all positions."""
    for sight in range(sights.ptr[position], sights.ptr[position + 1]):
        place = sights.own[sights.own_at[sight] + unit]
        if place >= 0:
            for other in beside:
                place += sights.near[sight, other]
            term = terms[place]
            for j in range(row.size):
                row[j] += term[j]


@jit
def fill_rows(box, position, classes, first, stop, out):
    """out [stop-first, width] ← rows of these pieces of a position beside the ``classes`` of the others."""
    for i in range(first, stop):
        out[i - first] = box.base[i]
        add_terms(box.plain, box.terms, position, i, classes, out[i - first])


@jit
def fill_beside(sights, terms, units, out):
    """out [width] ← the terms of one unit of each position, beside each other."""
    out[:] = 0
    for position in range(len(units)):
        add_terms(sights, terms, position, units[position], units, out)


@jit
def crown(rows, outer, size, inner, pairs, weight, out):
    """out [outer·classes·inner, width] ← in every channel the best of rows [outer·size·inner, width] of each class.

    ``pairs`` [2, n] are the class and what it has of ``size``, classes in order; -1 is a row of zeros.
    """
    n_classes = pairs[0, -1] + 1
    for o in range(outer):
        for i in range(pairs.shape[1]):
            is_first = i == 0 or pairs[0, i] != pairs[0, i - 1]
            for n in range(inner):
                best = out[(o * n_classes + pairs[0, i]) * inner + n]
                if pairs[1, i] < 0:
                    for j in range(best.size):
                        if is_first or (np.float32(0) > best[j]) == (weight[j] > 0):
                            best[j] = 0
                    continue
                row = rows[(o * size + pairs[1, i]) * inner + n]
                if is_first:
                    best[:] = row
                else:
                    join(best, row, weight)


@jit
def join(best, row, weight):
    """best [width] ← in every channel the better."""
    for j in range(best.size):
        best[j] = max(best[j], row[j]) if weight[j] > 0 else min(best[j], row[j])


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
def rectified(rows, nodes, bias, weight):
    """Σ weight·max(bias + Σ rows[nodes], 0), of one to five nodes."""
    total = np.float32(0)
    first = rows[nodes[0]]
    if len(nodes) == 1:
        for j in range(first.size):
            total += max(bias[j] + first[j], np.float32(0)) * weight[j]
        return total
    second = rows[nodes[1]]
    if len(nodes) == 2:
        for j in range(first.size):
            total += max(bias[j] + first[j] + second[j], np.float32(0)) * weight[j]
        return total
    third = rows[nodes[2]]
    if len(nodes) == 3:
        for j in range(first.size):
            total += max(bias[j] + first[j] + second[j] + third[j], np.float32(0)) * weight[j]
        return total
    fourth = rows[nodes[3]]
    if len(nodes) == 4:
        for j in range(first.size):
            total += max(bias[j] + first[j] + second[j] + third[j] + fourth[j], np.float32(0)) * weight[j]
        return total
    fifth = rows[nodes[4]]
    for j in range(first.size):
        total += max(bias[j] + first[j] + second[j] + third[j] + fourth[j] + fifth[j], np.float32(0)) * weight[j]
    return total


@fast
def dot(x, weight):
    """Σ x·weight."""
    total = np.float32(0)
    for j in range(x.size):
        total += x[j] * weight[j]
    return total


@fast
def magnitude(x, weight):
    """Σ |x·weight|: what the rounding of Σ x·weight grows with."""
    total = np.float32(0)
    for j in range(x.size):
        total += abs(x[j] * weight[j])
    return total


@jit
def at_most(rows, nodes, least, most, head, x):
    """The height that products of the pieces below these nodes do not exceed; their own where each is one piece.

    They have ``least`` to ``most`` atoms.
    """
    if head.code == RELU and not head.is_mean and len(nodes) <= 5:
        return rectified(rows, nodes, head.bias, head.weight)
    x[:] = 0
    for node in nodes:
        row = rows[node]
        for j in range(x.size):
            x[j] += row[j]
    return height_of(x, least, most, head)


@jit
def height_of(x, least, most, head):
    """What sums x [width] over ``least`` to ``most`` atoms come to at most; x ← what is multiplied by the weight."""
    weight = head.weight
    if head.is_mean:
        small, large = np.float32(1) / np.float32(most), np.float32(1) / np.float32(least)
        for j in range(x.size):
            x[j] = x[j] * (large if (x[j] > 0) == (weight[j] > 0) else small)
    for j in range(x.size):
        x[j] += head.bias[j]
    activate(x, head.code, head.numbers)
    return dot(x, weight)


@jit
def planted(first, stop, filled, weight, columns, n_atoms, trees, node):
    """Makes a tree of the pieces from ``first`` to ``stop``, from node number ``node``, its root; the number after its last.

    ``filled`` are their rows.
    """
    begin, end = node, node + 1
    trees.start[node], trees.stop[node] = first, stop
    while node < end:
        size = trees.stop[node] - trees.start[node]
        trees.left[node] = -1
        if size > 1:
            middle = trees.start[node] + (size + 1) // 2
            trees.left[node] = end
            trees.start[end], trees.stop[end] = trees.start[node], middle
            trees.start[end + 1], trees.stop[end + 1] = middle, trees.stop[node]
            end += 2
        node += 1
    m = columns.shape[1]
    for node in range(end - 1, begin - 1, -1):
        row = trees.rows[node]
        if trees.left[node] < 0:
            piece = trees.start[node]
            row[:] = filled[piece - first]
            trees.least[node] = trees.most[node] = n_atoms[piece]
            for c in range(m):
                trees.lowest[node, c] = trees.highest[node, c] = columns[piece, c]
            continue
        a = trees.left[node]
        b = a + 1
        row[:] = trees.rows[a]
        join(row, trees.rows[b], weight)
        trees.least[node] = min(trees.least[a], trees.least[b])
        trees.most[node] = max(trees.most[a], trees.most[b])
        for c in range(m):
            trees.lowest[node, c] = min(trees.lowest[a, c], trees.lowest[b, c])
            trees.highest[node, c] = max(trees.highest[a, c], trees.highest[b, c])
    return end


@jit
def advance(places, starts, stops):
    """The next choice of places, each from ``starts`` to ``stops``; False after the last."""
    last = len(places) - 1
    while last >= 0:
        places[last] += 1
        if places[last] < stops[last]:
            return True
        places[last] = starts[last]
        last -= 1
    return False


@jit
def scan(box, head, windows, cut_off, values, chosen, n):
    """Enters products of the box above ``cut_off`` among the n best; how many these are now, and how many were scored.

    Only products within the windows are entered. Products of nodes that cannot be high enough are passed over, if the
    activation rises.
    """
    k = len(box.piece_ptr) - 1
    width, m = box.base.shape[1], windows.columns.shape[1]
    largest, n_nodes = np.int64(0), np.int64(1 + k)
    for p in range(k):
        most = np.int64(0)
        for c in range(box.position_ptr[p], box.position_ptr[p + 1]):
            first, stop = box.group_ptr[box.class_ptr[c]], box.group_ptr[box.class_ptr[c + 1]]
            most = max(most, stop - first)
        largest = max(largest, most)
        n_nodes += 2 * most
    filled = np.empty((largest, width), np.float32)
    trees = Trees(
        np.empty((n_nodes, width), np.float32),
        np.empty(n_nodes, np.int64),
        np.empty(n_nodes, np.int64),
        np.empty(n_nodes, np.int64),
        np.empty(n_nodes, np.int64),
        np.empty(n_nodes, np.int64),
        np.empty((n_nodes, m), np.float32),
        np.empty((n_nodes, m), np.float32),
    )
    beside = n_nodes - 1
    has_far = len(box.far[0].own_at) > 0
    trees.left[beside], trees.start[beside], trees.stop[beside] = -1, 0, 0
    trees.least[beside] = trees.most[beside] = 0
    trees.lowest[beside], trees.highest[beside] = 0, 0
    roots = np.empty(len(box.group_ptr) - 1, np.int64)
    n_classes = len(box.class_ptr) - 1
    fewest, manifold = np.empty(n_classes, np.int64), np.empty(n_classes, np.int64)
    for c in range(n_classes):
        atoms = box.n_atoms[box.group_ptr[box.class_ptr[c]] : box.group_ptr[box.class_ptr[c + 1]]]
        fewest[c], manifold[c] = atoms.min(), atoms.max()
    stack = np.empty((64 * k + 1, k + 1 if has_far else k), np.int64)
    x, picked = np.empty(width, np.float32), np.empty(k, np.int32)
    n_scored = np.int64(0)
    classes, groups = box.position_ptr[:-1].copy(), np.empty(k, np.int64)
    while True:
        is_high = True
        for p in range(k):
            groups[p] = box.class_ptr[classes[p]]
        if head.rises:
            fill_beside(box.far[0], box.terms, groups, x)
            few, many = np.int64(0), np.int64(0)
            for p in range(k):
                add_terms(box.crowns, box.terms, p, classes[p], classes, x)
                few, many = few + fewest[classes[p]], many + manifold[classes[p]]
            height = height_of(x, few, many, head)
            height += _SLACK * (np.float32(1) + magnitude(x, head.weight))
            n_scored += 1
            is_high = height > cut_off and (n < len(values) or height > values[0])
        if is_high:
            node = np.int64(k)
            for p in range(k):
                first_group, last_group = box.class_ptr[classes[p]], box.class_ptr[classes[p] + 1]
                begin = box.group_ptr[first_group]
                fill_rows(box, p, classes, begin, box.group_ptr[last_group], filled)
                for g in range(first_group, last_group):
                    roots[g] = node
                    first, stop = box.group_ptr[g], box.group_ptr[g + 1]
                    node = planted(
                        first, stop, filled[first - begin :], head.weight, windows.columns, box.n_atoms, trees, node
                    )
                    if g == first_group:
                        trees.rows[p] = trees.rows[roots[g]]
                    else:
                        join(trees.rows[p], trees.rows[roots[g]], head.weight)
                trees.least[p], trees.most[p] = fewest[classes[p]], manifold[classes[p]]
            opened = 0
            stack[0, :k] = np.arange(k)
            while opened >= 0:
                is_high = True
                if has_far:
                    fill_beside(box.far[opened], box.terms, groups, trees.rows[beside])
                    stack[0, k] = beside
                for i in range(k):
                    p = box.opening[i]
                    stack[0, p] = roots[groups[p]] if i < opened else p
                if opened == k:
                    n, scored = searched(
                        trees, stack, k, head, windows, box.piece_ptr, cut_off, values, chosen, n, picked, x
                    )
                    n_scored += scored
                    is_high = False
                elif head.rises and has_far:
                    few, many = np.int64(0), np.int64(0)
                    for p in range(k):
                        few += trees.least[stack[0, p]]
                        many += trees.most[stack[0, p]]
                    height = at_most(trees.rows, stack[0], few, many, head, x)
                    if head.code != RELU or head.is_mean:
                        height += _SLACK * (np.float32(1) + magnitude(x, head.weight))
                    n_scored += 1
                    is_high = height > cut_off and (n < len(values) or height > values[0])
                if is_high:
                    opened += 1
                    continue
                while opened > 0:
                    p = box.opening[opened - 1]
                    groups[p] += 1
                    if groups[p] < box.class_ptr[classes[p] + 1]:
                        break
                    groups[p] = box.class_ptr[classes[p]]
                    opened -= 1
                if opened == 0:
                    break
        if not advance(classes, box.position_ptr[:-1], box.position_ptr[1:]):
            return n, n_scored


@jit
def searched(trees, stack, k, head, windows, piece_ptr, cut_off, values, chosen, n, picked, x):
    """Enters the products of the k nodes at the bottom of the stack, as ``scan`` does."""
    n_scored, depth = np.int64(0), 1
    m = windows.columns.shape[1]
    while depth:
        depth -= 1
        nodes = stack[depth]
        split, widest = -1, np.int64(1)
        few, many = np.int64(0), np.int64(0)
        for p in range(k):
            few += trees.least[nodes[p]]
            many += trees.most[nodes[p]]
            size = trees.stop[nodes[p]] - trees.start[nodes[p]]
            if size > widest:
                split, widest = p, size
        is_inside = True
        for c in range(m):
            smallest, greatest = np.float32(0), np.float32(0)
            for p in range(k):
                smallest += trees.lowest[nodes[p], c]
                greatest += trees.highest[nodes[p], c]
            if greatest < windows.low[c] or smallest > windows.high[c]:
                is_inside = False
        if not is_inside:
            continue
        if split < 0 or head.rises:
            n_scored += 1
            height = at_most(trees.rows, nodes, few, many, head, x)
            if split >= 0 and (head.code != RELU or head.is_mean):
                height += _SLACK * (np.float32(1) + magnitude(x, head.weight))
            if not height > cut_off or (n == len(values) and not height > values[0]):
                continue
            if split < 0:
                for p in range(k):
                    picked[p] = trees.start[nodes[p]] - piece_ptr[p]
                n = push(values, chosen, n, height, picked)
                continue
        below = trees.left[nodes[split]]
        for p in range(stack.shape[1]):
            stack[depth + 1, p] = stack[depth, p]
        stack[depth, split], stack[depth + 1, split] = below + 1, below
        depth += 2
    return n, n_scored

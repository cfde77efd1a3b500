"""Numba kernels that score every product of a box of pieces.

A box is the ``Tables`` of molq.spaces.scanning.tables. Every choice of a class in each position is bounded as a whole,
from crowns: in every channel the best of its pieces. Where that may be high enough, classes are opened one after the
other into their groups; and where a choice of groups may be, the rows of their pieces are filled in and planted as
trees. Sums over channels may be taken in any order: what comes out is compared with a cut-off, and the best are scored
again by the engine.
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


class HeadRow(NamedTuple):
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


class WindowArrays(NamedTuple):
    """Which products are wanted: m numbers of the pieces, added up, lie between ``low`` and ``high`` [m]."""

    columns: NDArray[np.float32]
    """[pieces, m]"""
    low: NDArray[np.float32]
    high: NDArray[np.float32]


class Crowns(NamedTuple):
    """Bounds of all groups of the box, of a class in each position, and of what far sights add."""

    rows: NDArray[np.float32]
    """[groups + positions + 1, width]"""
    least: NDArray[np.int64]
    """atoms"""
    most: NDArray[np.int64]


class Trees(NamedTuple):
    """Nodes: pieces ``start`` to ``stop``, of which ``left`` and the node after it are a half each.

    The last one is what far sights add, and no piece.
    """

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
    """[nodes, m]: of the columns of the ranges"""
    highest: NDArray[np.float32]


class Heap(NamedTuple):
    """Room for the best products, of which the first is the worst; the places of their pieces in each position."""

    values: NDArray[np.float32]
    """[size]"""
    chosen: NDArray[np.int32]
    """[size, positions]"""


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
    """out [width] ← the terms of these units, one of each position, beside each other."""
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
def push(best, n, value, chosen):
    """Enters a product among the n best so far; how many there are now."""
    values, pieces = best
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
    """Σ weight·max(bias + Σ rows[nodes], 0), of one to five nodes, and the sum of the magnitudes."""
    total, magnitude = np.float32(0), np.float32(0)
    first = rows[nodes[0]]
    if len(nodes) == 1:
        for j in range(first.size):
            part = max(bias[j] + first[j], np.float32(0)) * weight[j]
            total += part
            magnitude += abs(part)
        return total, magnitude
    second = rows[nodes[1]]
    if len(nodes) == 2:
        for j in range(first.size):
            part = max(bias[j] + first[j] + second[j], np.float32(0)) * weight[j]
            total += part
            magnitude += abs(part)
        return total, magnitude
    third = rows[nodes[2]]
    if len(nodes) == 3:
        for j in range(first.size):
            part = max(bias[j] + first[j] + second[j] + third[j], np.float32(0)) * weight[j]
            total += part
            magnitude += abs(part)
        return total, magnitude
    fourth = rows[nodes[3]]
    if len(nodes) == 4:
        for j in range(first.size):
            part = max(bias[j] + first[j] + second[j] + third[j] + fourth[j], np.float32(0)) * weight[j]
            total += part
            magnitude += abs(part)
        return total, magnitude
    fifth = rows[nodes[4]]
    for j in range(first.size):
        part = max(bias[j] + first[j] + second[j] + third[j] + fourth[j] + fifth[j], np.float32(0)) * weight[j]
        total += part
        magnitude += abs(part)
    return total, magnitude


@fast
def dot(x, weight):
    """Σ x·weight, and the sum of the magnitudes."""
    total, magnitude = np.float32(0), np.float32(0)
    for j in range(x.size):
        part = x[j] * weight[j]
        total += part
        magnitude += abs(part)
    return total, magnitude


@jit
def at_most(rows, nodes, least, most, head, x):
    """The height that products of the pieces below these nodes do not exceed; their own where each is one piece.

    They have ``least`` to ``most`` atoms. The second number is what the height is added up of, without signs: what its
    rounding grows with. ``x`` [width] is room.
    """
    if head.code == RELU and not head.is_mean and len(nodes) <= 5:
        return rectified(rows, nodes, head.bias, head.weight)
    x[:] = 0
    for node in nodes:
        row = rows[node]
        for j in range(x.size):
            x[j] += row[j]
    if head.is_mean:
        small, large = np.float32(1) / np.float32(most), np.float32(1) / np.float32(least)
        for j in range(x.size):
            x[j] = x[j] * (large if (x[j] > 0) == (head.weight[j] > 0) else small)
    for j in range(x.size):
        x[j] += head.bias[j]
    activate(x, head.code, head.numbers)
    return dot(x, head.weight)


@jit
def planted(first, stop, filled, weight, columns, n_atoms, trees, node):
    """Makes a tree of the pieces from ``first`` to ``stop``, its root ``node``; the number after its last node.

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
def new_crowns(box):
    """With the atoms of groups; the rest is filled in for each choice of classes."""
    k, n_groups = len(box.piece_ptr) - 1, len(box.group_ptr) - 1
    n = n_groups + k + 1
    crowns = Crowns(np.zeros((n, box.base.shape[1]), np.float32), np.zeros(n, np.int64), np.zeros(n, np.int64))
    for g in range(n_groups):
        atoms = box.n_atoms[box.group_ptr[g] : box.group_ptr[g + 1]]
        crowns.least[g], crowns.most[g] = atoms.min(), atoms.max()
    return crowns


@jit
def fill_crowns(box, classes, weight, crowns):
    """Those of the groups of these classes, and of the classes."""
    n_groups = len(box.group_ptr) - 1
    for p in range(len(classes)):
        at, first = n_groups + p, box.class_ptr[classes[p]]
        for g in range(first, box.class_ptr[classes[p] + 1]):
            crowns.rows[g] = 0
            add_terms(box.crowns, box.terms, p, g, classes, crowns.rows[g])
            if g == first:
                crowns.rows[at] = crowns.rows[g]
                crowns.least[at], crowns.most[at] = crowns.least[g], crowns.most[g]
            else:
                join(crowns.rows[at], crowns.rows[g], weight)
                crowns.least[at] = min(crowns.least[at], crowns.least[g])
                crowns.most[at] = max(crowns.most[at], crowns.most[g])


@jit
def crowned_at_most(crowns, chosen, head, x):
    """The height that products below these crowns do not exceed, in whichever order they are added up."""
    least, most = np.int64(0), np.int64(0)
    for at in chosen:
        least += crowns.least[at]
        most += crowns.most[at]
    height, magnitude = at_most(crowns.rows, chosen, least, most, head, x)
    return height + _SLACK * (np.float32(1) + magnitude)


@jit
def new_trees(box, m):
    """Room for one class of each position."""
    n = np.int64(1)
    for p in range(len(box.piece_ptr) - 1):
        largest = np.int64(0)
        for c in range(box.position_ptr[p], box.position_ptr[p + 1]):
            size = box.group_ptr[box.class_ptr[c + 1]] - box.group_ptr[box.class_ptr[c]]
            largest = max(largest, size)
        n += 2 * largest
    numbers = np.zeros((5, n), np.int64)
    numbers[2] = -1
    return Trees(
        np.zeros((n, box.base.shape[1]), np.float32),
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        np.zeros((n, m), np.float32),
        np.zeros((n, m), np.float32),
    )


@jit
def scan(box, head, ranges, cut_off, best, n):
    """Enters products of the box above ``cut_off`` among the n best; how many these are now, and how many were settled.

    Only products within the ranges are entered. What cannot be high enough is passed over, if the activation rises.
    """
    k = len(box.piece_ptr) - 1
    has_far = len(box.far[0].own_at) > 0
    crowns, trees = new_crowns(box), new_trees(box, ranges.columns.shape[1])
    n_groups, beside = len(crowns.rows) - k - 1, len(crowns.rows) - 1
    largest = np.int64(0)
    for g in range(n_groups):
        largest = max(largest, box.group_ptr[g + 1] - box.group_ptr[g])
    filled, x = np.empty((largest, box.base.shape[1]), np.float32), np.empty(box.base.shape[1], np.float32)
    roots = np.empty(n_groups, np.int64)
    chosen, stack = np.empty(k + 1, np.int64), np.empty((64 * k + 1, k + 1 if has_far else k), np.int64)
    classes, groups = box.position_ptr[:-1].copy(), np.empty(k, np.int64)
    chosen[k] = beside
    stack[:, -1] = len(trees.rows) - 1
    n_settled = np.int64(0)
    while True:
        fill_crowns(box, classes, head.weight, crowns)
        node, opened = np.int64(0), 0
        for p in range(k):
            groups[p], chosen[p] = box.class_ptr[classes[p]], n_groups + p
            roots[groups[p] : box.class_ptr[classes[p] + 1]] = -1
        while True:
            if has_far:
                fill_beside(box.far[opened], box.terms, groups, crowns.rows[beside])
            is_high = True
            if head.rises:
                height = crowned_at_most(crowns, chosen, head, x)
                is_high = height > cut_off and (n < len(best.values) or height > best.values[0])
                n_settled += 1
            if is_high and opened == k:
                for p in range(k):
                    if roots[groups[p]] < 0:
                        first, stop = box.group_ptr[groups[p]], box.group_ptr[groups[p] + 1]
                        fill_rows(box, p, classes, first, stop, filled)
                        roots[groups[p]] = node
                        node = planted(first, stop, filled, head.weight, ranges.columns, box.n_atoms, trees, node)
                    stack[0, p] = roots[groups[p]]
                trees.rows[-1] = crowns.rows[beside]
                n, settled = searched(trees, stack, k, head, ranges, box.piece_ptr, cut_off, best, n, x)
                n_settled += settled
            if is_high and opened < k:
                p = box.opening[opened]
                chosen[p] = groups[p]
                opened += 1
                continue
            while opened > 0:
                p = box.opening[opened - 1]
                groups[p] += 1
                if groups[p] < box.class_ptr[classes[p] + 1]:
                    chosen[p] = groups[p]
                    break
                groups[p], chosen[p] = box.class_ptr[classes[p]], n_groups + p
                opened -= 1
            if opened == 0:
                break
        if not advance(classes, box.position_ptr[:-1], box.position_ptr[1:]):
            return n, n_settled


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
def searched(trees, stack, k, head, ranges, piece_ptr, cut_off, best, n, x):
    """Enters the products of the nodes at the bottom of the stack, one of each of k positions, as ``scan`` does."""
    n_settled, depth = np.int64(0), 1
    picked = np.empty(k, np.int32)
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
        for c in range(len(ranges.low)):
            smallest, greatest = np.float32(0), np.float32(0)
            for p in range(k):
                smallest += trees.lowest[nodes[p], c]
                greatest += trees.highest[nodes[p], c]
            if greatest < ranges.low[c] or smallest > ranges.high[c]:
                is_inside = False
        if not is_inside:
            continue
        if split < 0 or head.rises:
            n_settled += 1
            height, magnitude = at_most(trees.rows, nodes, few, many, head, x)
            if split >= 0 and (head.code != RELU or head.is_mean):
                height += _SLACK * (np.float32(1) + magnitude)
            if not height > cut_off or (n == len(best.values) and not height > best.values[0]):
                continue
            if split < 0:
                for p in range(k):
                    picked[p] = trees.start[nodes[p]] - piece_ptr[p]
                n = push(best, n, height, picked)
                continue
        below = trees.left[nodes[split]]
        stack[depth + 1] = stack[depth]
        stack[depth, split], stack[depth + 1, split] = below + 1, below
        depth += 2
    return n, n_settled

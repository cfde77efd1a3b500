"""Numba kernels that score every product of a box of pieces.

The pieces of all positions stand one after the other, those of one near class together. A term of a sight stands at
``own`` of the piece plus ``near`` of the class of every other position. Sums over channels may be taken in any order:
what comes out is compared with a cut-off, and the best are scored again by the engine.
"""

from __future__ import annotations

import numpy as np

from molq.compiled import compiler
from molq.engine.activation_kernels import RELU, activate

_SLACK = np.float32(1e-5)
"""of what a bound is added up of, whose last bits need not rise with what goes into it"""

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
def rectified(rows, nodes, bias, weight):
    """Σ weight·max(bias + Σ rows[nodes], 0), of one to four nodes."""
    total = np.float32(0)
    first = rows[nodes[0]]
    if len(nodes) == 1:
        for j in range(first.size):
            total += max(bias[j] + first[j], np.float32(0)) * weight[j]
    elif len(nodes) == 2:
        second = rows[nodes[1]]
        for j in range(first.size):
            total += max(bias[j] + first[j] + second[j], np.float32(0)) * weight[j]
    elif len(nodes) == 3:
        second, third = rows[nodes[1]], rows[nodes[2]]
        for j in range(first.size):
            total += max(bias[j] + first[j] + second[j] + third[j], np.float32(0)) * weight[j]
    else:
        second, third, fourth = rows[nodes[1]], rows[nodes[2]], rows[nodes[3]]
        for j in range(first.size):
            total += max(bias[j] + first[j] + second[j] + third[j] + fourth[j], np.float32(0)) * weight[j]
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
def at_most(rows, nodes, least, most, is_mean, bias, weight, code, numbers, x):
    """The height that products of the pieces below these nodes do not exceed; their own where each is one piece.

    They have ``least`` to ``most`` atoms.
    """
    if code == RELU and not is_mean and len(nodes) <= 4:
        return rectified(rows, nodes, bias, weight)
    x[:] = 0
    for node in nodes:
        row = rows[node]
        for j in range(x.size):
            x[j] += row[j]
    return height_of(x, least, most, is_mean, bias, weight, code, numbers)


@jit
def height_of(x, least, most, is_mean, bias, weight, code, numbers):
    """What sums x [width] over ``least`` to ``most`` atoms come to at most; x ← what is multiplied by ``weight``."""
    if is_mean:
        small, large = np.float32(1) / np.float32(most), np.float32(1) / np.float32(least)
        for j in range(x.size):
            x[j] = x[j] * (large if (x[j] > 0) == (weight[j] > 0) else small)
    for j in range(x.size):
        x[j] += bias[j]
    activate(x, code, numbers)
    return dot(x, weight)


@jit
def planted(first, n, filled, weight, rows, start, stop, left, columns, lowest, highest, n_atoms, least, most, node):
    """Makes a tree of the n pieces from ``first`` on, from node number ``node``, its root; the number after its last.

    A node is worth, in every channel, the best that its pieces are, whose rows are ``filled``.
    """
    begin, end = node, node + 1
    start[node], stop[node] = 0, n
    while node < end:
        size = stop[node] - start[node]
        left[node] = -1
        if size > 1:
            middle = start[node] + (size + 1) // 2
            left[node] = end
            start[end], stop[end] = start[node], middle
            start[end + 1], stop[end + 1] = middle, stop[node]
            end += 2
        node += 1
    m = columns.shape[1]
    for node in range(end - 1, begin - 1, -1):
        row = rows[node]
        if left[node] < 0:
            piece = first + start[node]
            row[:] = filled[start[node]]
            least[node] = most[node] = n_atoms[piece]
            for c in range(m):
                lowest[node, c] = highest[node, c] = columns[piece, c]
            continue
        a, b = left[node], left[node] + 1
        one, other = rows[a], rows[b]
        for j in range(row.size):
            row[j] = max(one[j], other[j]) if weight[j] > 0 else min(one[j], other[j])
        least[node], most[node] = min(least[a], least[b]), max(most[a], most[b])
        for c in range(m):
            lowest[node, c] = min(lowest[a, c], lowest[b, c])
            highest[node, c] = max(highest[a, c], highest[b, c])
    return end


@jit
def crown(position, bounds, bound_ptr, rows, own, size, weight, out):
    """out [classes·size, width] ← in every channel the best of the pieces of each class of a position.

    Piece i has ``size`` rows from own[i] on, or none, which is a row of zeros.
    """
    for c in range(bound_ptr[position + 1] - bound_ptr[position] - 1):
        at = bound_ptr[position] + c
        for s in range(size):
            best = out[c * size + s]
            for i in range(bounds[at], bounds[at + 1]):
                if own[i] < 0:
                    for j in range(best.size):
                        value = np.float32(0)
                        if i == bounds[at] or (value > best[j]) == (weight[j] > 0):
                            best[j] = value
                    continue
                row = rows[own[i] + s]
                if i == bounds[at]:
                    best[:] = row
                else:
                    for j in range(best.size):
                        best[j] = max(best[j], row[j]) if weight[j] > 0 else min(best[j], row[j])


@jit
def crowned(base, pos_ptr, bounds, bound_ptr, terms, sight_ptr, own, own_ptr, sizes, weight):
    """Crowns of what the pieces of each class add alone, and of their terms; where those of each begin."""
    k, n_sights = len(pos_ptr) - 1, len(own_ptr) - 1
    begins = np.zeros(k + n_sights + 1, np.int64)
    for p in range(k):
        n_classes = bound_ptr[p + 1] - bound_ptr[p] - 1
        begins[p + 1] = n_classes
        for sight in range(sight_ptr[p], sight_ptr[p + 1]):
            begins[k + sight + 1] = n_classes * sizes[sight]
    for i in range(k + n_sights):
        begins[i + 1] += begins[i]
    crowns = np.empty((begins[-1], base.shape[1]), np.float32)
    for p in range(k):
        places = np.arange(pos_ptr[p], pos_ptr[p + 1])
        crown(p, bounds, bound_ptr, base, places, 1, weight, crowns[begins[p] :])
        for sight in range(sight_ptr[p], sight_ptr[p + 1]):
            places = own[own_ptr[sight] : own_ptr[sight + 1]]
            crown(p, bounds, bound_ptr, terms, places, sizes[sight], weight, crowns[begins[k + sight] :])
    return crowns, begins


@jit
def add_crowns(classes, crowns, begins, sight_ptr, near, sizes, x):
    """x [width] ← what the products of a block do not exceed in any channel."""
    k = len(classes)
    x[:] = 0
    for p in range(k):
        row = crowns[begins[p] + classes[p]]
        for j in range(x.size):
            x[j] += row[j]
        for sight in range(sight_ptr[p], sight_ptr[p + 1]):
            beside = np.int64(0)
            for other in range(k):
                beside += near[sight, other, classes[other]]
            row = crowns[begins[k + sight] + classes[p] * sizes[sight] + beside]
            for j in range(x.size):
                x[j] += row[j]


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
    sizes,
    n_atoms,
    is_mean,
    bias,
    weight,
    code,
    numbers,
    rises,
    columns,
    low,
    high,
    cut_off,
    values,
    chosen,
    n,
):
    """Enters products of the box above ``cut_off`` among the n best; how many these are now, and how many were scored.

    ``columns`` [pieces, m] are added up as well, and only products between ``low`` and ``high`` [m] are entered. Of
    each near class there is a tree of its pieces; products of nodes that cannot be high enough are passed over, if the
    activation ``rises`` all the way.
    """
    k = len(pos_ptr) - 1
    width, m = base.shape[1], columns.shape[1]
    n_classes, largest = np.empty(k, np.int64), np.int64(0)
    n_nodes = np.int64(0)
    for p in range(k):
        n_classes[p] = bound_ptr[p + 1] - bound_ptr[p] - 1
        most_pieces = np.int64(0)
        for c in range(n_classes[p]):
            most_pieces = max(most_pieces, bounds[bound_ptr[p] + c + 1] - bounds[bound_ptr[p] + c])
        largest = max(largest, most_pieces)
        n_nodes += 2 * most_pieces
    filled, rows = np.empty((largest, width), np.float32), np.empty((n_nodes, width), np.float32)
    start, stop, left = np.empty(n_nodes, np.int64), np.empty(n_nodes, np.int64), np.empty(n_nodes, np.int64)
    least, most = np.empty(n_nodes, np.int64), np.empty(n_nodes, np.int64)
    lowest, highest = np.empty((n_nodes, m), np.float32), np.empty((n_nodes, m), np.float32)
    stack = np.empty((64 * k + 1, k), np.int64)
    classes, begins = np.zeros(k, np.int64), np.empty(k, np.int64)
    x, picked = np.empty(width, np.float32), np.empty(k, np.int32)
    n_scored, one = np.int64(0), np.float32(1)
    fewest, manifold = np.empty(len(bounds), np.int64), np.empty(len(bounds), np.int64)
    for p in range(k):
        for c in range(n_classes[p]):
            at = bound_ptr[p] + c
            of_class = n_atoms[pos_ptr[p] + bounds[at] : pos_ptr[p] + bounds[at + 1]]
            fewest[at], manifold[at] = of_class.min(), of_class.max()
    if rises:
        crowns, crown_ptr = crowned(base, pos_ptr, bounds, bound_ptr, terms, sight_ptr, own, own_ptr, sizes, weight)
    else:
        crowns, crown_ptr = base, bounds
    last = np.int64(0)
    while last >= 0:
        is_high = True
        if rises:
            few, many = np.int64(0), np.int64(0)
            for p in range(k):
                few += fewest[bound_ptr[p] + classes[p]]
                many += manifold[bound_ptr[p] + classes[p]]
            add_crowns(classes, crowns, crown_ptr, sight_ptr, near, sizes, x)
            height = height_of(x, few, many, is_mean, bias, weight, code, numbers)
            height += _SLACK * (one + magnitude(x, weight))
            is_high = height > cut_off and (n < len(values) or height > values[0])
            n_scored += 1
        node = np.int64(0)
        for p in range(k if is_high else 0):
            size = fill_rows(p, classes, base, pos_ptr, bounds, bound_ptr, terms, sight_ptr, own, own_ptr, near, filled)
            begins[p] = bounds[bound_ptr[p] + classes[p]]
            stack[0, p] = node
            node = planted(
                pos_ptr[p] + begins[p], size, filled, weight, rows, start, stop, left,
                columns, lowest, highest, n_atoms, least, most, node,
            )  # fmt: skip
        depth = 1 if is_high else 0
        while depth:
            depth -= 1
            nodes = stack[depth]
            split, widest = -1, np.int64(1)
            few, many = np.int64(0), np.int64(0)
            for p in range(k):
                few += least[nodes[p]]
                many += most[nodes[p]]
                if stop[nodes[p]] - start[nodes[p]] > widest:
                    split, widest = p, stop[nodes[p]] - start[nodes[p]]
            is_inside = True
            for c in range(m):
                smallest, greatest = np.float32(0), np.float32(0)
                for p in range(k):
                    smallest += lowest[nodes[p], c]
                    greatest += highest[nodes[p], c]
                if greatest < low[c] or smallest > high[c]:
                    is_inside = False
            if not is_inside:
                continue
            if split < 0 or rises:
                n_scored += 1
                height = at_most(rows, nodes, few, many, is_mean, bias, weight, code, numbers, x)
                if split >= 0 and (code != RELU or is_mean):
                    height += _SLACK * (one + magnitude(x, weight))
                if not height > cut_off or (n == len(values) and not height > values[0]):
                    continue
                if split < 0:
                    for p in range(k):
                        picked[p] = begins[p] + start[nodes[p]]
                    n = push(values, chosen, n, height, picked)
                    continue
            below = left[nodes[split]]
            for p in range(k):
                stack[depth + 1, p] = stack[depth, p]
            stack[depth, split], stack[depth + 1, split] = below + 1, below
            depth += 2
        last = np.int64(k - 1)
        while last >= 0:
            classes[last] += 1
            if classes[last] < n_classes[last]:
                break
            classes[last] = 0
            last -= 1
    return n, n_scored

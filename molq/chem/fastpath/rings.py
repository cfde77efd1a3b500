"""Neighbours of every atom, and which bonds lie in a ring: those that are no bridges (Tarjan 1974).

RDKit says of a bond that it is in a ring when a ring of its smallest set holds it; such a set covers every bond that
lies in any cycle (Code/GraphMol/FindRings.cpp).
"""

from __future__ import annotations

from molq.chem.fastpath.verdicts import jit


@jit
def index_neighbours(n_atoms, n_bonds, w):
    """Fills first, neighbour and via: neighbours of an atom in the order of their bonds, as RDKit iterates them."""
    first, stack = w.first, w.stack
    for v in range(n_atoms + 1):
        first[v] = 0
    for b in range(n_bonds):
        first[w.begin[b] + 1] += 1
        first[w.end[b] + 1] += 1
    for v in range(n_atoms):
        first[v + 1] += first[v]
    for v in range(n_atoms):
        stack[v] = first[v]
    for b in range(n_bonds):
        u, v = w.begin[b], w.end[b]
        w.neighbour[stack[u]], w.via[stack[u]] = v, b
        w.neighbour[stack[v]], w.via[stack[v]] = u, b
        stack[u] += 1
        stack[v] += 1


@jit
def find_ring_bonds(n_atoms, n_bonds, w):
    """Fills in_ring by one depth-first walk that looks for bridges."""
    in_ring, found, lowest, parent, stack, place = w.in_ring, w.found, w.lowest, w.parent, w.stack, w.members
    for b in range(n_bonds):
        in_ring[b] = 1
    for v in range(n_atoms):
        found[v] = -1
    time = 0
    for root in range(n_atoms):
        if found[root] >= 0:
            continue
        found[root] = lowest[root] = time
        time += 1
        parent[root] = -1
        place[root] = w.first[root]
        depth = 0
        stack[0] = root
        while depth >= 0:
            v = stack[depth]
            i = place[v]
            if i < w.first[v + 1]:
                place[v] = i + 1
                if w.via[i] == parent[v]:
                    continue
                u = w.neighbour[i]
                if found[u] < 0:
                    found[u] = lowest[u] = time
                    time += 1
                    parent[u] = w.via[i]
                    place[u] = w.first[u]
                    depth += 1
                    stack[depth] = u
                elif found[u] < lowest[v]:
                    lowest[v] = found[u]
            else:
                depth -= 1
                if depth >= 0:
                    u = stack[depth]
                    if lowest[v] < lowest[u]:
                        lowest[u] = lowest[v]
                    if lowest[v] > found[u]:
                        in_ring[parent[v]] = 0

r"""Stereo of double bonds from the directions / and \ around them.

Source: RDKit, Code/GraphMol/Chirality.cpp (assignBondStereoCodes, findAtomNeighborDirHelper; legacy perception).
"""

from __future__ import annotations

from molq.chem.fastpath.priorities import refine
from molq.chem.fastpath.verdicts import DOUBLE_BOND, SURE, jit

_Z, _E = 2, 3


@jit
def settle_double_bonds(n_atoms, n_bonds, w):
    """Fills stereo (RDKit's numbers: 0 none, 2 Z, 3 E)."""
    for b in range(n_bonds):
        if w.order[b] != 2:
            continue
        u, v = w.begin[b], w.end[b]
        if not (_is_directed(u, b, w) and _is_directed(v, b, w)):
            continue
        if w.in_ring[b] or w.mapped[u] or w.mapped[v]:
            return DOUBLE_BOND
        at_u = _direction(u, b, n_atoms, w)
        at_v = _direction(v, b, n_atoms, w)
        if at_u == 0 or at_v == 0:
            return DOUBLE_BOND
        w.stereo[b] = _Z if at_u == at_v else _E
    return SURE


@jit
def _is_directed(v, double, w):
    """Whether a bond at v other than ``double`` has a direction."""
    for i in range(w.first[v], w.first[v + 1]):
        if w.via[i] != double and w.direction[w.via[i]] != 0:
            return True
    return False


@jit
def _direction(v, double, n_atoms, w):
    """The direction, seen from v, of its neighbour of higher priority; 0 where that is not clear."""
    first, second, n = -1, -1, 0
    for i in range(w.first[v], w.first[v + 1]):
        if w.via[i] == double:
            continue
        if n == 0:
            first = i
        else:
            second = i
        n += 1
    if n == 1:
        return _seen_from(v, w.via[first], w)
    if n != 2:
        return 0
    one, other = _seen_from(v, w.via[first], w), _seen_from(v, w.via[second], w)
    if one == other:
        return 0
    if one == 0:
        one = 3 - other
    if w.order[w.via[first]] != 1 and w.order[w.via[first]] != 4:
        return 0
    if w.order[w.via[second]] != 1 and w.order[w.via[second]] != 4:
        return 0
    a, b = w.neighbour[first], w.neighbour[second]
    while w.rank[a] == w.rank[b]:
        if not refine(n_atoms, w):
            return 0
    return one if w.rank[a] > w.rank[b] else 3 - one


@jit
def _seen_from(v, bond, w):
    if w.direction[bond] == 0:
        return 0
    return w.direction[bond] if w.begin[bond] == v else 3 - w.direction[bond]

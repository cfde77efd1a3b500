"""Tetrahedral tags: which RDKit keeps, and which way they turn in its order of bonds.

Source: RDKit, Code/GraphMol/Chirality.cpp (isAtomPotentialChiralCenter, assignAtomChiralCodes; legacy perception) and
SmilesParse/SmilesParseOps.cpp (AdjustAtomChiralityFlags). A tag is kept where the neighbours of an atom have different
priorities; ties (rings, centres that differ by other centres) are left to RDKit.
"""

from __future__ import annotations

from molq.chem.fastpath.priorities import rank_with_labels, refine
from molq.chem.fastpath.verdicts import SURE, TETRAHEDRAL, jit
from molq.chem.fastpath.workspace import HYDROGEN

TIED = 100
"""what ``settle_tags`` says when neighbours tie; no verdict of a molecule"""


@jit
def settle_tags(n_atoms, w):
    """Turns every tag into RDKit's, where all neighbours of tagged atoms differ; priorities are refined as needed."""
    for v in range(n_atoms):
        if w.tag[v] != 0 and not _is_legal(v, w):
            return TETRAHEDRAL
    for v in range(n_atoms):
        while w.tag[v] != 0 and _has_ties(v, w):
            if not refine(n_atoms, w):
                return TIED
    for v in range(n_atoms):
        if w.tag[v] != 0:
            _turn(v, w)
    return SURE


@jit
def settle_ties(n_atoms, w):
    """The same where some neighbours do not differ by themselves: RDKit labels the centres that it can, ranks again
    with the labels, and in the end keeps the tags without label that stand for the sides of a ring.

    For molecules of legal tags, without directed bonds, whose priorities are refined to the end.
    """
    label = w.parent
    for v in range(n_atoms):
        label[v] = 0
        if w.tag[v] != 0:
            _turn(v, w)
    while True:
        is_open = has_changed = False
        for v in range(n_atoms):
            if w.tag[v] == 0 or label[v] != 0:
                continue
            if _has_ties(v, w):
                is_open = True
            else:
                label[v] = _label(v, w)
                has_changed = True
        if not (is_open and has_changed):
            break
        rank_with_labels(n_atoms, label, w)
        while refine(n_atoms, w):
            pass
    _drop_lonely_tags(n_atoms, label, w)


@jit
def _label(v, w):
    """1 for S, 2 for R: the tag seen along the neighbours by rising priority."""
    odd = w.first[v + 1] - w.first[v] == 3 and w.hydrogens[v] == 1
    for i in range(w.first[v], w.first[v + 1]):
        for k in range(i + 1, w.first[v + 1]):
            if w.rank[w.neighbour[i]] > w.rank[w.neighbour[k]]:
                odd = not odd
    return 1 if (w.tag[v] == 2) != odd else 2


@jit
def _drop_lonely_tags(n_atoms, label, w):
    """A tag without label stays where another one stands in the same ring system and both tell sides of it apart."""
    for v in range(n_atoms):
        w.found[v] = 1 if w.tag[v] != 0 and label[v] == 0 and _tells_sides(v, w) else 0
    for v in range(n_atoms):
        if w.tag[v] == 0 or label[v] != 0:
            continue
        partners = 0
        if w.found[v]:
            for u in range(n_atoms):
                if u != v and w.found[u] and w.system[u] == w.system[v]:
                    partners += 1
        if partners == 0:
            w.tag[v] = 0


@jit
def _tells_sides(v, w):
    """Whether RDKit takes an atom for a candidate of ring stereochemistry (atomIsCandidateForRingStereochem)."""
    n_outside = n_inside = n_ranks = 0
    outside, other = -1, -1
    for i in range(w.first[v], w.first[v + 1]):
        u = w.neighbour[i]
        if not w.in_ring[w.via[i]]:
            n_outside += 1
            outside, other = u, outside
            continue
        n_inside += 1
        is_new = True
        for k in range(w.first[v], i):
            if w.in_ring[w.via[k]] and w.rank[w.neighbour[k]] == w.rank[u]:
                is_new = False
        if is_new:
            n_ranks += 1
    if n_inside == 0:
        return False
    if n_outside == 2:
        return w.rank[outside] != w.rank[other]
    if n_outside == 1:
        return n_inside > n_ranks
    if n_outside == 0:
        return (n_inside == 4 and n_ranks == 3) or (n_inside == 3 and n_ranks == 2)
    return False


@jit
def _turn(v, w):
    """The tag as RDKit states it, which counts neighbours by bond and an implicit hydrogen last."""
    if _is_odd(v, w) != (w.hydrogens[v] == 1):
        w.tag[v] = 3 - w.tag[v]


@jit
def _is_legal(v, w):
    """Four neighbours, one of which may be an implicit hydrogen; or a sulfoxide's, sulfonium's or selenium's three."""
    heavy = w.first[v + 1] - w.first[v]
    number, hydrogens = w.element[v], w.hydrogens[v]
    if w.lower[v] or w.hybridization[v] != 4:
        return False
    if heavy == 4 and hydrogens == 0:
        return number == 6 or number == 7 or number == 14 or number == 15 or number == 16
    if heavy != 3:
        return False
    if hydrogens == 1:
        return number == 6 or number == 14
    if number == 16 or number == 34:
        return (w.charge[v] == 0 and w.valence[v] == 4) or (w.charge[v] == 1 and w.valence[v] == 3)
    return False


@jit
def _has_ties(v, w):
    for i in range(w.first[v], w.first[v + 1]):
        for k in range(i + 1, w.first[v + 1]):
            if w.rank[w.neighbour[i]] == w.rank[w.neighbour[k]]:
                return True
    return False


@jit
def _is_odd(v, w):
    """Whether the neighbours as written are an odd permutation of those by bond, an implicit hydrogen first."""
    odd = False
    for i in range(w.n_written[v]):
        for k in range(i + 1, w.n_written[v]):
            if _place(v, w.written[v, i], w) > _place(v, w.written[v, k], w):
                odd = not odd
    return odd


@jit
def _place(v, neighbour, w):
    if neighbour == HYDROGEN:
        return -1
    for i in range(w.first[v], w.first[v + 1]):
        if w.neighbour[i] == neighbour:
            return i
    return -1

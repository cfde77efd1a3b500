"""Priorities of atoms, as RDKit ranks them for stereochemistry before any centre is labelled.

Source: RDKit, Code/GraphMol/Chirality.cpp (buildCIPInvariants, iterateCIPRanks), after Labute, J. CCG 1996. Atoms are
ranked by element, then round by round by what their neighbours are, heaviest first, each as often as twice the order of
its bond. A difference once found is never lost, so ranking stops where nobody needs more.
"""

from __future__ import annotations

from molq.chem.fastpath.verdicts import jit
from molq.chem.fastpath.workspace import MAX_PRIORITY_ENTRY, N_RANKS, NO_ROOM, ROUNDS, STABLE


@jit
def rank_by_element(n_atoms, w):
    """Fills rank and ranked (no isotopes and no atom maps are among the atoms)."""
    for v in range(n_atoms):
        j = v
        while j > 0 and w.element[w.ranked[j - 1]] > w.element[v]:
            w.ranked[j] = w.ranked[j - 1]
            j -= 1
        w.ranked[j] = v
    rank = 0
    for i in range(n_atoms):
        v = w.ranked[i]
        if i > 0 and w.element[v] != w.element[w.ranked[i - 1]]:
            rank += 1
        w.rank[v] = rank
    w.state[N_RANKS] = rank + 1
    w.state[ROUNDS] = 0


@jit
def rank_with_labels(n_atoms, label, w):
    """Ranks anew by rank, then by label (rerankAtoms: R before S before none)."""
    for i in range(n_atoms):
        v = w.ranked[i]
        j = i
        while j > 0 and _is_after(w.ranked[j - 1], v, label, w):
            w.ranked[j] = w.ranked[j - 1]
            j -= 1
        w.ranked[j] = v
    rank = 0
    for i in range(n_atoms):
        v = w.ranked[i]
        if i > 0 and _is_after(v, w.ranked[i - 1], label, w):
            rank += 1
        w.found[v] = rank
    for v in range(n_atoms):
        w.rank[v] = w.found[v]
    w.state[N_RANKS] = rank + 1
    w.state[ROUNDS] = 0


@jit
def _is_after(u, v, label, w):
    return w.rank[u] > w.rank[v] or (w.rank[u] == w.rank[v] and label[u] > label[v])


@jit
def refine(n_atoms, w):
    """One more round; False when RDKit would stop before it, or there is no room for it."""
    if w.state[N_RANKS] == n_atoms or w.state[ROUNDS] >= n_atoms // 2 + 1 or w.state[ROUNDS] < 0:
        return False
    for v in range(n_atoms):
        if not _enter(v, w):
            w.state[ROUNDS] = NO_ROOM
            return False
    n_before = w.state[N_RANKS]
    _rank(n_atoms, w)
    w.state[ROUNDS] = w.state[ROUNDS] + 1 if w.state[N_RANKS] > n_before else STABLE
    return True


@jit
def _enter(v, w):
    """The neighbours of v by rank, heaviest first, then a zero for each hydrogen, then -1."""
    n = 0
    for i in range(w.first[v], w.first[v + 1]):
        bond, u = w.via[i], w.neighbour[i]
        count = 3 if w.order[bond] == 4 else 2 * w.order[bond]
        if w.order[bond] == 2 and w.element[u] == 15:
            heavy = w.first[u + 1] - w.first[u]
            if heavy == 3 or heavy == 4:
                count = 1
        rank = w.rank[u] + 1
        if n + count > MAX_PRIORITY_ENTRY:
            return False
        j = n
        while j > 0 and w.entry[v, j - 1] < rank:
            w.entry[v, j - 1 + count] = w.entry[v, j - 1]
            j -= 1
        for k in range(count):
            w.entry[v, j + k] = rank
        n += count
    if n + w.hydrogens[v] > MAX_PRIORITY_ENTRY:
        return False
    for k in range(MAX_PRIORITY_ENTRY - n):
        w.entry[v, n + k] = 0 if k < w.hydrogens[v] else -1
    return True


@jit
def _rank(n_atoms, w):
    """New ranks: by the old one, then by entry."""
    start, rank = 0, 0
    while start < n_atoms:
        old = w.rank[w.ranked[start]]
        stop = start + 1
        while stop < n_atoms and w.rank[w.ranked[stop]] == old:
            stop += 1
        for i in range(start + 1, stop):
            v = w.ranked[i]
            j = i
            while j > start and _compare(w.ranked[j - 1], v, w) > 0:
                w.ranked[j] = w.ranked[j - 1]
                j -= 1
            w.ranked[j] = v
        for i in range(start, stop):
            if i > start and _compare(w.ranked[i - 1], w.ranked[i], w) != 0:
                rank += 1
            w.found[w.ranked[i]] = rank
        rank += 1
        start = stop
    for v in range(n_atoms):
        w.rank[v] = w.found[v]
    w.state[N_RANKS] = rank


@jit
def _compare(u, v, w):
    for k in range(MAX_PRIORITY_ENTRY):
        difference = w.entry[u, k] - w.entry[v, k]
        if difference != 0 or w.entry[u, k] < 0:
            return difference
    return 0

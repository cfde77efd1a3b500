"""Aromaticity, remembered per ring system: the key holds all that RDKit's rules look at, the answer is RDKit's.

Source: RDKit, Code/GraphMol/Aromaticity.cpp (default model) and Kekulize.cpp. Their verdict on a ring system depends on
its atoms (element, charge, hydrogens, degree, case), on its bonds and their orders, and on the multiple bonds that leave
it, in RDKit's order of atoms.
"""

from __future__ import annotations

from molq.chem.fastpath.memory import look_up
from molq.chem.fastpath.verdicts import RINGS_OF_RDKIT, SIZE, SURE, UNKNOWN_RINGS, jit
from molq.chem.fastpath.workspace import KEY_LENGTH, MAX_KEY, MAX_NEIGHBOURS, N_MEMBERS

_ATOM_BYTES = 6 + 2 * MAX_NEIGHBOURS
_CHARGE_OFFSET = 16
_OUTSIDE = 64


@jit
def recall_aromaticity(n_atoms, n_bonds, table, w):
    """Fills aromatic and aromatic_bond; the first unknown ring system is left in members and key."""
    for v in range(n_atoms):
        w.system[v] = -1
        w.aromatic[v] = 0
    for b in range(n_bonds):
        w.aromatic_bond[b] = 0
    n_systems = 0
    for root in range(n_atoms):
        if w.system[root] >= 0 or not _is_in_ring(root, w):
            continue
        n_members = _collect(root, n_systems, w)
        n_systems += 1
        length = _describe(n_members, w)
        if length < 0:
            return SIZE
        if length == 0:
            continue
        entry = look_up(table, w.key, length)
        if entry < 0:
            w.state[N_MEMBERS], w.state[KEY_LENGTH] = n_members, length
            return UNKNOWN_RINGS
        at = table.answer_stop[entry]
        if not table.answers[at]:
            return RINGS_OF_RDKIT
        at += 1
        for i in range(n_members):
            w.aromatic[w.members[i]] = table.answers[at]
            at += 1
        for i in range(n_members):
            v = w.members[i]
            for k in range(w.first[v], w.first[v + 1]):
                if w.in_ring[w.via[k]] and w.neighbour[k] > v:
                    w.aromatic_bond[w.via[k]] = table.answers[at]
                    at += 1
    for b in range(n_bonds):
        if w.aromatic_bond[b]:
            w.order[b] = 4
        elif w.order[b] == 4:
            return RINGS_OF_RDKIT
    return SURE


@jit
def _is_in_ring(v, w):
    for i in range(w.first[v], w.first[v + 1]):
        if w.in_ring[w.via[i]]:
            return True
    return False


@jit
def _collect(root, number, w):
    """The atoms that ring bonds join to ``root``, ascending, in members; their number."""
    n, depth = 0, 0
    w.stack[0] = root
    w.system[root] = number
    while depth >= 0:
        v = w.stack[depth]
        depth -= 1
        j = n
        while j > 0 and w.members[j - 1] > v:
            w.members[j] = w.members[j - 1]
            j -= 1
        w.members[j] = v
        n += 1
        for i in range(w.first[v], w.first[v + 1]):
            u = w.neighbour[i]
            if w.in_ring[w.via[i]] and w.system[u] < 0:
                w.system[u] = number
                depth += 1
                w.stack[depth] = u
    return n


@jit
def _describe(n_members, w):
    """The length of the key; 0 for a system without multiple bonds, which cannot be aromatic, -1 for one too large."""
    for i in range(n_members):
        w.found[w.members[i]] = i
    length = 0
    has_multiple = False
    for i in range(n_members):
        if length + _ATOM_BYTES > MAX_KEY:
            return -1
        v = w.members[i]
        w.key[length] = w.element[v] | (w.lower[v] << 7)
        w.key[length + 1] = w.charge[v] + _CHARGE_OFFSET
        w.key[length + 2] = w.hydrogens[v]
        w.key[length + 3] = w.degree[v]
        length += 4
        for k in range(w.first[v], w.first[v + 1]):
            bond, u = w.via[k], w.neighbour[k]
            if w.order[bond] > 1:
                has_multiple = True
            if not w.in_ring[bond]:
                if w.order[bond] > 1:
                    w.key[length], w.key[length + 1] = _OUTSIDE | w.order[bond], w.element[u]
                    length += 2
            elif u > v:
                distance = w.found[u] - i
                w.key[length], w.key[length + 1] = 128 | w.order[bond], distance
                length += 2
        w.key[length] = 0
        length += 1
    return length if has_multiple else 0

"""Aromaticity, remembered per piece of a ring system: the key holds all that RDKit's rules look at, RDKit answers.

Source: RDKit, Code/GraphMol/Aromaticity.cpp (default model) and Kekulize.cpp. Their verdict on a piece depends on its
atoms (element, charge, degree with hydrogens, case), on its bonds and their orders, and on the multiple bonds that
leave it, in RDKit's order of atoms; a hydrogen counts as any other neighbour.
"""

from __future__ import annotations

from molq.chem.fastpath.memory import look_up
from molq.chem.fastpath.pieces import cut
from molq.chem.fastpath.verdicts import RINGS_OF_RDKIT, SIZE, SURE, UNKNOWN_RINGS, jit
from molq.chem.fastpath.workspace import KEY_LENGTH, MAX_KEY, MAX_NEIGHBOURS, N_MEMBERS

_ATOM_BYTES = 4 + 2 * MAX_NEIGHBOURS
_CHARGE_OFFSET = 16
_OUTSIDE = 64
_INSIDE = 128


@jit
def recall_aromaticity(n_atoms, n_bonds, table, w):
    """Fills aromatic and aromatic_bond; the first unknown piece is left in members and key."""
    for v in range(n_atoms):
        w.system[v] = w.piece[v] = -1
        w.aromatic[v] = 0
    for b in range(n_bonds):
        w.aromatic_bond[b] = 0
    n_systems = n_pieces = 0
    for root in range(n_atoms):
        if w.system[root] < 0 and _is_in_ring(root, w):
            n_members = _collect(root, n_systems, w)
            n_systems += 1
            n_pieces = cut(n_members, n_pieces, w)
    for piece in range(n_pieces):
        verdict = _recall(piece, n_atoms, table, w)
        if verdict != SURE:
            return verdict
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
def describe_piece(piece, n_atoms, w):
    """(length of the key, number of atoms) of a piece, which are left in key and members."""
    n_members = 0
    for v in range(n_atoms):
        if w.piece[v] == piece:
            w.found[v] = n_members
            w.members[n_members] = v
            n_members += 1
    return _describe(piece, n_members, w), n_members


@jit
def _recall(piece, n_atoms, table, w):
    length, n_members = describe_piece(piece, n_atoms, w)
    if length < 0:
        return SIZE
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
            if is_inside(piece, v, k, w):
                w.aromatic_bond[w.via[k]] = table.answers[at]
                at += 1
    return SURE


@jit
def is_inside(piece, v, k, w):
    """Whether place k of the neighbours of v is a bond of the piece, seen from its lower atom."""
    return w.in_ring[w.via[k]] != 0 and w.neighbour[k] > v and w.piece[w.neighbour[k]] == piece


@jit
def _describe(piece, n_members, w):
    """The length of the key; -1 for a piece that is too large."""
    length = 0
    for i in range(n_members):
        if length + _ATOM_BYTES > MAX_KEY:
            return -1
        v = w.members[i]
        w.key[length] = w.element[v] | (w.lower[v] << 7)
        w.key[length + 1] = w.charge[v] + _CHARGE_OFFSET
        w.key[length + 2] = w.degree[v]
        length += 3
        for k in range(w.first[v], w.first[v + 1]):
            bond, u = w.via[k], w.neighbour[k]
            if w.in_ring[bond] and w.piece[u] == piece:
                if u > v:
                    w.key[length], w.key[length + 1] = _INSIDE | w.order[bond], w.found[u] - i
                    length += 2
            elif w.order[bond] > 1:
                w.key[length] = _OUTSIDE | w.order[bond] | (w.in_ring[bond] << 3)
                w.key[length + 1] = w.element[u]
                length += 2
        w.key[length] = 0
        length += 1
    return length

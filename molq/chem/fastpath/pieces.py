"""Ring systems cut into the pieces that can be aromatic, so that few pieces are met and each is asked about once.

RDKit looks for aromatic rings among the smallest rings whose atoms are all candidates, and a carbon with four
neighbours is none. Nor is, in effect, an atom that hangs on a piece by one single bond. Without them a system falls
into pieces. One may be judged alone where what was taken away cannot have shortened a ring of it: all that is joined to
it elsewhere meets it at one atom, or at two that a bond of it joins. Where that does not hold, the whole system is one
piece.

Source: RDKit, Code/GraphMol/Aromaticity.cpp (aromaticityHelper, isAtomCandForArom).
"""

from __future__ import annotations

from molq.chem.fastpath.verdicts import jit

_NONE = -1


@jit
def cut(n_members, first_piece, w):
    """Fills piece for the ring system in members, counting from ``first_piece``; returns the next number."""
    for i in range(n_members):
        v = w.members[i]
        w.piece[v] = _NONE if _is_saturated(v, w) else first_piece
    _trim(n_members, w)
    next_piece = _number(n_members, first_piece, w)
    for piece in range(first_piece, next_piece):
        if not _stands_alone(piece, n_members, w):
            for i in range(n_members):
                w.piece[w.members[i]] = first_piece
            return first_piece + 1
    return next_piece


@jit
def _is_saturated(v, w):
    return w.element[v] == 6 and w.charge[v] == 0 and w.degree[v] == 4 and not w.lower[v]


@jit
def _trim(n_members, w):
    """Takes away atoms in upper case that no more than one single bond joins to what is left."""
    has_changed = True
    while has_changed:
        has_changed = False
        for i in range(n_members):
            v = w.members[i]
            if w.piece[v] == _NONE or w.lower[v]:
                continue
            joined, order = 0, 1
            for k in range(w.first[v], w.first[v + 1]):
                if w.in_ring[w.via[k]] and w.piece[w.neighbour[k]] != _NONE:
                    joined += 1
                    order = w.order[w.via[k]]
            if joined == 0 or (joined == 1 and order == 1):
                w.piece[v] = _NONE
                has_changed = True


@jit
def _number(n_members, first_piece, w):
    """Connected pieces get numbers of their own; those without a ring of their own are taken away."""
    for i in range(n_members):
        w.found[w.members[i]] = 0
    piece = first_piece
    for i in range(n_members):
        root = w.members[i]
        if w.piece[root] == _NONE or w.found[root]:
            continue
        n_atoms, n_ends, depth = 0, 0, 0
        w.stack[0] = root
        w.found[root] = 1
        while depth >= 0:
            v = w.stack[depth]
            depth -= 1
            w.piece[v] = piece
            w.parent[n_atoms] = v
            n_atoms += 1
            for k in range(w.first[v], w.first[v + 1]):
                u = w.neighbour[k]
                if not w.in_ring[w.via[k]] or w.piece[u] == _NONE:
                    continue
                n_ends += 1
                if not w.found[u]:
                    w.found[u] = 1
                    depth += 1
                    w.stack[depth] = u
        if n_ends // 2 < n_atoms:
            for k in range(n_atoms):
                w.piece[w.parent[k]] = _NONE
        else:
            piece += 1
    return piece


@jit
def _stands_alone(piece, n_members, w):
    """Whether everything outside the piece meets it at one atom, or at the two ends of one of its bonds."""
    for i in range(n_members):
        w.found[w.members[i]] = 0
    for i in range(n_members):
        root = w.members[i]
        if w.piece[root] == piece or w.found[root]:
            continue
        one, other, depth = _NONE, _NONE, 0
        w.stack[0] = root
        w.found[root] = 1
        while depth >= 0:
            v = w.stack[depth]
            depth -= 1
            for k in range(w.first[v], w.first[v + 1]):
                u = w.neighbour[k]
                if not w.in_ring[w.via[k]]:
                    continue
                if w.piece[u] == piece:
                    if u == one or u == other:
                        continue
                    if other != _NONE:
                        return False
                    if one == _NONE:
                        one = u
                    else:
                        other = u
                elif not w.found[u]:
                    w.found[u] = 1
                    depth += 1
                    w.stack[depth] = u
        if other != _NONE and not _are_joined(one, other, w):
            return False
    return True


@jit
def _are_joined(u, v, w):
    for k in range(w.first[u], w.first[u + 1]):
        if w.neighbour[k] == v:
            return True
    return False

"""Hydrogens, total degrees and valences of atoms with closed shells; other atoms are left to RDKit.

Sources: RDKit, Code/GraphMol/Atom.cpp (explicit and implicit valence), MolOps.cpp (assignRadicals, cleanUp).
"""

from __future__ import annotations

from molq.chem.fastpath.elements import LEAST_VALENCE, OUTER
from molq.chem.fastpath.verdicts import AROMATIC_INPUT, SURE, VALENCE, jit


@jit
def count_hydrogens(n_atoms, w):
    """Fills hydrogens, degree and valence; an aromatic bond outside rings becomes single."""
    for v in range(n_atoms):
        verdict = _lower_case(v, w) if w.lower[v] else _plain(v, w)
        if verdict != SURE:
            return verdict
    return SURE


@jit
def _plain(v, w):
    """An atom in upper case, with its bond orders as written."""
    number, charge = w.element[v], w.charge[v]
    heavy = w.first[v + 1] - w.first[v]
    bonds = 0
    for i in range(w.first[v], w.first[v + 1]):
        order = w.order[w.via[i]]
        if order == 4:
            return AROMATIC_INPUT
        bonds += order
    if w.bracket_h[v] < 0:
        valence = _implicit_valence(number, bonds)
        if valence < bonds:
            return VALENCE
        w.hydrogens[v] = valence - bonds
    else:
        w.hydrogens[v] = w.bracket_h[v]
        valence = bonds + w.bracket_h[v]
        if not _is_closed_shell(number, charge, valence):
            return VALENCE
    if number == 15 and valence == 5 and heavy + w.hydrogens[v] < 4:
        return VALENCE  # cleanUp rewrites P(=O)=C and its like
    w.degree[v] = heavy + w.hydrogens[v]
    w.valence[v] = valence
    return SURE


@jit
def _implicit_valence(number, bonds):
    """The least valence of the neutral element that holds the bonds written; too small a number where none does."""
    least = LEAST_VALENCE[number]
    if bonds <= least:
        return least
    if number == 15 and bonds <= 5:
        return 5
    if number == 16:
        return 4 if bonds <= 4 else 6
    return least


@jit
def _is_closed_shell(number, charge, valence):
    """Whether RDKit finds no radical and no fault in an atom whose hydrogens are stated."""
    if charge == 0:
        if number == 15:
            return valence == 3 or valence == 5
        if number == 16:
            return valence == 2 or valence == 4 or valence == 6
        return valence == LEAST_VALENCE[number]
    if number == 5:
        return charge == -1 and valence == 4
    if number == 6 or number == 14:
        return number == 6 and charge == -1 and valence == 3
    if number == 7 or number == 15:
        return (charge == 1 and valence == 4) or (number == 7 and charge == -1 and valence == 2)
    if number == 8 or number == 16 or number == 34:
        return (charge == 1 and valence == 3) or (charge == -1 and valence == 1)
    return charge == -1 and valence == 0 and OUTER[number] == 7


@jit
def _lower_case(v, w):
    """An atom in lower case: a plain member of an aromatic ring, with two or three neighbours in it."""
    number, charge = w.element[v], w.charge[v]
    heavy = w.first[v + 1] - w.first[v]
    n_aromatic = doubles = 0
    for i in range(w.first[v], w.first[v + 1]):
        bond = w.via[i]
        if w.order[bond] == 4 and not w.in_ring[bond]:
            w.order[bond] = 1
        if w.order[bond] == 4:
            n_aromatic += 1
        elif w.order[bond] > 1:
            doubles += 1
    if n_aromatic < 2 or n_aromatic > 3 or (doubles and not (number == 6 and heavy == 3)):
        return AROMATIC_INPUT
    if w.bracket_h[v] >= 0:
        hydrogens = w.bracket_h[v]
    else:
        hydrogens = 1 if number == 6 and heavy == 2 else 0
    degree = heavy + hydrogens
    if charge == 0:
        if number == 6:
            if degree != 3:
                return AROMATIC_INPUT
            w.valence[v] = 4
        elif number == 7:
            if degree > 3:
                return AROMATIC_INPUT
            w.valence[v] = 3
        else:
            if degree != 2:
                return AROMATIC_INPUT
            w.valence[v] = 2
    elif charge == 1 and number == 7:
        if degree != 3:
            return AROMATIC_INPUT
        w.valence[v] = 4
    elif charge == 1 and (number == 8 or number == 16):
        if degree != 2:
            return AROMATIC_INPUT
        w.valence[v] = 3
    elif charge == -1 and number == 7:
        if degree != 2:
            return AROMATIC_INPUT
        w.valence[v] = 2
    else:
        return AROMATIC_INPUT
    w.hydrogens[v] = hydrogens
    w.degree[v] = degree
    return SURE

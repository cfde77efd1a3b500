"""Conjugated bonds and hybridization.

Source: RDKit, Code/GraphMol/ConjugHybrid.cpp (isAtomConjugCand, markConjAtomBonds, numBondsPlusLonePairs,
setHybridization) and Aromaticity.cpp (countAtomElec), for atoms without radicals.
"""

from __future__ import annotations

from molq.chem.fastpath.elements import LEAST_VALENCE, OUTER
from molq.chem.fastpath.verdicts import jit


@jit
def mark_conjugation(n_atoms, n_bonds, w):
    """Fills conjugated."""
    candidate = w.found
    for b in range(n_bonds):
        w.conjugated[b] = 1 if w.order[b] == 4 else 0
    for v in range(n_atoms):
        candidate[v] = _is_candidate(w.element[v], w.charge[v], w.degree[v])
    for v in range(n_atoms):
        if not candidate[v] or w.degree[v] < 2:
            continue
        for i in range(w.first[v], w.first[v + 1]):
            if w.order[w.via[i]] < 2 or not candidate[w.neighbour[i]]:
                continue
            for k in range(w.first[v], w.first[v + 1]):
                u = w.neighbour[k]
                if i != k and candidate[u]:
                    w.conjugated[w.via[i]] = 1
                    w.conjugated[w.via[k]] = 1


@jit
def _is_candidate(number, charge, degree):
    """Whether an atom has electrons for a conjugated system (of hypervalent ones, none has)."""
    least = LEAST_VALENCE[number]
    if least <= 1 or degree > 3:
        return 0
    if number > 10 and (OUTER[number] == 5 or (OUTER[number] == 6 and degree >= 2)):
        return 0
    lone_pair = max(OUTER[number] - least - charge, 0)
    return 1 if least - degree + lone_pair > 0 else 0


@jit
def mark_hybridization(n_atoms, w):
    """Fills hybridization with the index in packed.HYBRIDIZATIONS."""
    for v in range(n_atoms):
        degree = w.degree[v]
        free = OUTER[w.element[v]] - (w.valence[v] + w.charge[v])
        orbitals = degree + max(free, 0) // 2
        if orbitals <= 1:
            kind = 0
        elif orbitals <= 3:
            kind = orbitals - 1
        elif orbitals == 4:
            kind = 2 if degree <= 3 and _has_conjugated_bond(v, w) else 4
        elif orbitals == 5:
            kind = 5
        else:
            kind = 6
        w.hybridization[v] = kind


@jit
def _has_conjugated_bond(v, w):
    for i in range(w.first[v], w.first[v + 1]):
        if w.conjugated[w.via[i]]:
            return True
    return False

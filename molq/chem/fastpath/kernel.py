"""A batch of SMILES bytes to packed descriptors."""

from __future__ import annotations

import numpy as np

from molq.chem.fastpath.aromaticity import recall_aromaticity
from molq.chem.fastpath.conjugation import mark_conjugation, mark_hybridization
from molq.chem.fastpath.double_bonds import settle_double_bonds
from molq.chem.fastpath.hydrogens import count_hydrogens
from molq.chem.fastpath.priorities import rank_by_element
from molq.chem.fastpath.reading import read
from molq.chem.fastpath.rings import find_ring_bonds, index_neighbours
from molq.chem.fastpath.tetrahedral import TIED, settle_tags, settle_ties
from molq.chem.fastpath.verdicts import SIZE, SURE, TETRAHEDRAL, jit
from molq.chem.fastpath.workspace import NO_ROOM, ROUNDS


@jit
def perceive(text, start, stop, table, w):
    """(verdict, number of atoms, number of bonds) of one molecule, which is left in ``w``."""
    verdict, n_atoms, n_bonds = read(text, start, stop, w)
    if verdict != SURE:
        return verdict, 0, 0
    index_neighbours(n_atoms, n_bonds, w)
    find_ring_bonds(n_atoms, n_bonds, w)
    verdict = count_hydrogens(n_atoms, w)
    if verdict != SURE:
        return verdict, 0, 0
    verdict = recall_aromaticity(n_atoms, n_bonds, table, w)
    if verdict != SURE:
        return verdict, 0, 0
    mark_conjugation(n_atoms, n_bonds, w)
    mark_hybridization(n_atoms, w)
    verdict = _settle_stereo(n_atoms, n_bonds, w)
    return verdict, n_atoms, n_bonds


@jit
def _settle_stereo(n_atoms, n_bonds, w):
    is_tagged = is_directed = is_mapped = False
    for v in range(n_atoms):
        is_tagged |= w.tag[v] != 0
        is_mapped |= w.mapped[v] != 0
    for b in range(n_bonds):
        w.stereo[b] = 0
        is_directed |= w.direction[b] != 0
    if not is_tagged and not is_directed:
        return SURE
    if is_mapped:
        return TETRAHEDRAL
    rank_by_element(n_atoms, w)
    if is_tagged:
        verdict = settle_tags(n_atoms, w)
        if verdict == TIED:
            if is_directed or w.state[ROUNDS] == NO_ROOM:
                return TETRAHEDRAL
            settle_ties(n_atoms, w)
        elif verdict != SURE:
            return verdict
    return settle_double_bonds(n_atoms, n_bonds, w) if is_directed else SURE


@jit
def pack_batch(text, starts, stops, max_atoms, table, w, atoms, bonds, ends, atom_ptr, bond_ptr, verdicts):
    """Descriptors of the molecules that are sure; the others get none and say why in ``verdicts``.

    ``text`` [bytes]; molecule i is text[starts[i]:stops[i]]. atoms, bonds and ends have room for a molecule of as many
    atoms and bonds as it has bytes; atom_ptr and bond_ptr are [n + 1].
    """
    at_atom = at_bond = 0
    atom_ptr[0] = bond_ptr[0] = 0
    for i in range(len(starts)):
        verdict, n_atoms, n_bonds = perceive(text, starts[i], stops[i], table, w)
        if verdict == SURE and n_atoms > max_atoms:
            verdict = SIZE
        verdicts[i] = verdict
        if verdict == SURE:
            for v in range(n_atoms):
                atoms[at_atom + v] = _atom(v, w)
            for b in range(n_bonds):
                bonds[at_bond + b] = w.order[b] | (w.conjugated[b] << 3) | (w.in_ring[b] << 4) | (w.stereo[b] << 5)
                ends[at_bond + b, 0] = at_atom + w.begin[b]
                ends[at_bond + b, 1] = at_atom + w.end[b]
            at_atom += n_atoms
            at_bond += n_bonds
        atom_ptr[i + 1] = at_atom
        bond_ptr[i + 1] = at_bond


@jit
def _atom(v, w):
    word = np.int64(w.element[v]) | (min(w.degree[v], 6) << 8) | ((w.charge[v] + 16) << 12) | (w.tag[v] << 17)
    return np.uint64(word | (min(w.hydrogens[v], 5) << 20) | (w.hybridization[v] << 24) | (w.aromatic[v] << 28))

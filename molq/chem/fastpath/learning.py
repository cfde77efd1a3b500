"""What RDKit says of the ring systems of a molecule, taken into memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molq.chem.fastpath.kernel import perceive
from molq.chem.fastpath.memory import RingMemory
from molq.chem.fastpath.verdicts import UNKNOWN_RINGS
from molq.chem.fastpath.workspace import KEY_LENGTH, N_MEMBERS
from molq.chem.molecule import asked, molecule


def learn_rings(text: NDArray[np.uint8], start: int, stop: int, memory: RingMemory, work: np.record) -> bool:
    """Whether all pieces of the molecule ``text[start:stop]`` are in ``memory`` now.

    A molecule that RDKit rejects, or raises at, teaches nothing. ``work`` is the workspace of the call.
    """
    mol = None
    while perceive(text, start, stop, memory.table, work)[0] == UNKNOWN_RINGS:
        if mol is None:
            mol = molecule(text[start:stop].tobytes().decode())
        answer, _ = (None, None) if mol is None else asked(_answer, mol, work)
        if answer is None or not memory.learn(work.key[: work.state[KEY_LENGTH]].copy(), answer):
            return False
    return True


def _answer(mol: Chem.Mol, work: np.record) -> NDArray[np.uint8]:
    """1, then a flag per atom and per bond of the piece; a first 0 where flags do not say what RDKit made of it."""
    members = work.members[: work.state[N_MEMBERS]].tolist()
    inside = set(members)
    first, neighbour, via = work.first.tolist(), work.neighbour.tolist(), work.via.tolist()
    in_ring = work.in_ring.tolist()
    flags = [mol.GetAtomWithIdx(v).GetIsAromatic() for v in members]
    is_plain = True
    for v in members:
        for k in range(first[v], first[v + 1]):
            u = neighbour[k]
            if in_ring[via[k]] and u > v and u in inside:
                bond = mol.GetBondBetweenAtoms(v, u)
                flags.append(bond.GetIsAromatic())
                is_plain &= bond.GetIsAromatic() == (bond.GetBondType() == Chem.BondType.AROMATIC)
    return np.array([is_plain, *flags], np.uint8)

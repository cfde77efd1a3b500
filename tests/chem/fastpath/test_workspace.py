"""A workspace has room for every field, and molecules leave nothing behind in it."""

import numpy as np

from molq.chem.fastpath.kernel import perceive
from molq.chem.fastpath.workspace import make_workspace


def test_kernels_take_it_as_one_record(memory):
    work = make_workspace()
    assert isinstance(work, np.record)
    assert work.written.shape == (len(work.element), 6)


def test_a_molecule_does_not_depend_on_the_one_before(perceived, memory):
    worn = make_workspace()
    for smiles in ("C[C@@]12CC[C@H](F)C1=CC(/C=C/Cl)=C2c1ccccc1", "C(", "c1ccc2ccccc2c1", "[NH4+].[Cl-]", "CC(C)C"):
        text = np.frombuffer(smiles.encode(), np.uint8)
        fresh = perceived(smiles)
        _, n_atoms, n_bonds = perceive(text, 0, len(text), memory.table, worn)
        if fresh.verdict == "sure":
            for field in ("element", "charge", "tag", "hydrogens", "degree", "hybridization", "aromatic"):
                assert worn[field][:n_atoms].tolist() == fresh.atoms(field)
            for field in ("begin", "end", "order", "conjugated", "in_ring", "stereo"):
                assert worn[field][:n_bonds].tolist() == fresh.bonds(field)

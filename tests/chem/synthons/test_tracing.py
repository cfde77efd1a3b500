"""Every atom of a product is that of the synthon it is said to be of."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from molq.chem.packed import ATOM_FIELDS
from molq.chem.recipe import PLAIN
from molq.chem.synthons.joining import joined_or_reason, smiles_of, synthon_or_reason
from molq.chem.synthons.tracing import ports, traced, zone

PRODUCTS = [
    ("C[C@H](CC(C1)N[1*])CN1C([2*])=O", "O=C(NC1COC1)[1*]", "Fc1nccnc1[2*]"),
    ("[1*]Nc1c([2*])cccc1", "[1*]=C(CC(=O)O)C=C([2*])c1ccccc1"),
    ("CC(=O)[1*]", "[1*]N1CCCC1"),
]


def test_products_are_those_of_joining_and_their_atoms_those_of_the_synthons() -> None:
    found = traced(PRODUCTS, PLAIN)
    assert found.index.tolist() == [0, 1, 2]
    for i, (synthons, origins) in enumerate(zip(PRODUCTS, found.origins, strict=True)):
        mols = [synthon_or_reason(smiles) for smiles in synthons]
        assert origins.smiles == smiles_of(joined_or_reason(mols))
        atoms = found.graphs.atoms[found.graphs.atom_ptr[i] : found.graphs.atom_ptr[i + 1]]
        elements = atoms & np.uint64((1 << ATOM_FIELDS["atomic_number"].width) - 1)
        expected = [
            mols[p].GetAtomWithIdx(int(at)).GetAtomicNum() for p, at in zip(origins.position, origins.atom, strict=True)
        ]
        assert elements.tolist() == expected
        assert len({*zip(origins.position.tolist(), origins.atom.tolist(), strict=True)}) == len(expected)
        rest = sum(1 for mol in mols for atom in mol.GetAtoms() if not atom.GetAtomMapNum())
        assert len(expected) == rest


def test_neighbours_within_a_synthon_stay_neighbours() -> None:
    found = traced(PRODUCTS[:1], PLAIN)
    (origins,) = found.origins
    for u, v in found.graphs.ends.tolist():
        if origins.position[u] == origins.position[v]:
            mol = Chem.MolFromSmiles(PRODUCTS[0][origins.position[u]])
            assert mol.GetBondBetweenAtoms(int(origins.atom[u]), int(origins.atom[v])) is not None


def test_what_rdkit_refuses_is_said() -> None:
    found = traced([("C[1*]", "[1*]C"), ("C=[1*]", "[1*]C(C)(C)C")], PLAIN)
    assert found.index.tolist() == [0]
    assert found.refused[1]


def test_ports_and_zones() -> None:
    assert ports("[1*]Nc1c([2*])cccc1") == {1: 1, 2: 3}
    with pytest.raises(KeyError):
        ports("[1*][2*]")
    assert zone("[1*]NCCCCC") == zone("[1*]NCCCCCO")
    assert zone("[1*]NCC") != zone("[1*]OCC")
    assert zone("[1*]Nc1c([2*])cccc1") != zone("[1*]Nc1c([2*])ccnc1"), "the ring that a join may widen counts"

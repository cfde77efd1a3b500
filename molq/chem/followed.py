"""What a recipe makes of plain graphs, as arithmetic on them: RDKit is not asked again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, HYBRIDIZATIONS, Field, PackedGraphs, take
from molq.chem.recipe import Recipe
from molq.compiled import compiler

jit = compiler(__file__)

_Any = NDArray[Any]

_MOST_HYDROGENS = 4
"""that a descriptor counts; 5 stands for five and more"""
_SHIFT = np.uint64(ATOM_FIELDS["hydrogens"].shift)
_MASK = np.uint64((1 << ATOM_FIELDS["hydrogens"].width) - 1)
_NO_HYDROGENS = np.uint64(~(int(_MASK) << int(_SHIFT)) & (2**64 - 1))
_HYDROGEN = np.uint64(
    sum(
        value << ATOM_FIELDS[name].shift
        for name, value in {
            "atomic_number": 1,
            "degree": 1,
            "charge": 16,
            "hybridization": len(HYBRIDIZATIONS),  # RDKit gives an added hydrogen none
        }.items()
    )
)
_SINGLE_BOND = np.uint16(1 << BOND_FIELDS["type"].shift)


def followed(graphs: PackedGraphs, recipe: Recipe) -> tuple[PackedGraphs, NDArray[np.bool_]]:
    """The recipe's graphs of molecules that write no hydrogens, from their plain ones, and which have one [n].

    Those have none that need RDKit: an atom with more hydrogens than its descriptor counts.
    """
    is_told = np.ones(graphs.n_mols, np.bool_)
    if recipe.adds_hydrogens:
        beyond = np.flatnonzero(((graphs.atoms >> _SHIFT) & _MASK) > _MOST_HYDROGENS)
        is_told[np.searchsorted(graphs.atom_ptr, beyond, side="right") - 1] = False
        graphs = with_hydrogens(graphs if is_told.all() else take(graphs, np.flatnonzero(is_told)))
    return without_stereo(graphs) if recipe.ignore_stereo else graphs, is_told


def with_hydrogens(graphs: PackedGraphs) -> PackedGraphs:
    """The same molecules with each hydrogen an atom, as RDKit's AddHs orders them: behind the others, by neighbour."""
    counts = ((graphs.atoms >> _SHIFT) & _MASK).astype(np.int32)
    per_molecule = np.diff(np.concatenate([[0], np.cumsum(counts)])[graphs.atom_ptr])
    added = np.concatenate([[0], np.cumsum(per_molecule)])
    n_added = int(added[-1])
    grown = PackedGraphs(
        np.empty(len(graphs.atoms) + n_added, np.uint64),
        np.empty(len(graphs.bonds) + n_added, np.uint16),
        np.empty((len(graphs.bonds) + n_added, 2), np.int32),
        (graphs.atom_ptr + added).astype(np.int32),
        (graphs.bond_ptr + added).astype(np.int32),
        graphs.extras,
    )
    _fill(*graphs[:5], counts, *grown[:5])
    return grown


def without_stereo(graphs: PackedGraphs) -> PackedGraphs:
    """The same molecules with no tag at any atom and at no double bond."""
    return graphs._replace(
        atoms=graphs.atoms & ~_bits(ATOM_FIELDS["chiral"], np.uint64),
        bonds=graphs.bonds & ~_bits(BOND_FIELDS["stereo"], np.uint16),
    )


def _bits(field: Field, kind: type[np.unsignedinteger]) -> np.unsignedinteger:
    return kind(((1 << field.width) - 1) << field.shift)


@jit
def _fill(
    atoms: _Any,
    bonds: _Any,
    ends: _Any,
    atom_ptr: _Any,
    bond_ptr: _Any,
    counts: _Any,
    to_atoms: _Any,
    to_bonds: _Any,
    to_ends: _Any,
    to_atom_ptr: _Any,
    to_bond_ptr: _Any,
) -> None:
    """Copies each molecule and appends, atom by atom, its ``counts`` of hydrogens."""
    for i in range(len(atom_ptr) - 1):
        first, n_atoms = atom_ptr[i], atom_ptr[i + 1] - atom_ptr[i]
        at_atom, at_bond = to_atom_ptr[i], to_bond_ptr[i]
        for b in range(bond_ptr[i], bond_ptr[i + 1]):
            to_bonds[at_bond] = bonds[b]
            to_ends[at_bond, 0] = ends[b, 0] - first + at_atom
            to_ends[at_bond, 1] = ends[b, 1] - first + at_atom
            at_bond += 1
        hydrogen = at_atom + n_atoms
        for v in range(n_atoms):
            to_atoms[at_atom + v] = atoms[first + v] & _NO_HYDROGENS
            for _ in range(counts[first + v]):
                to_atoms[hydrogen] = _HYDROGEN
                to_bonds[at_bond] = _SINGLE_BOND
                to_ends[at_bond, 0], to_ends[at_bond, 1] = at_atom + v, hydrogen
                hydrogen += 1
                at_bond += 1

"""Packed graphs that no molecule has are refused at the engine's door: they would be read out of bounds."""

from __future__ import annotations

from molq.chem.packed import PackedGraphs
from molq.engine import walk_kernels
from molq.errors import InputError


def require_possible(graphs: PackedGraphs) -> None:
    """Returns when every descriptor, end of a bond and pointer lies within its limits.

    Raises InputError, naming the first molecule with one that does not.
    """
    n_atoms, n_bonds = len(graphs.atoms), len(graphs.bonds)
    if graphs.ends.shape != (n_bonds, 2) or len(graphs.atom_ptr) != len(graphs.bond_ptr) or not len(graphs.atom_ptr):
        raise InputError("packed graphs whose arrays do not belong together cannot be scored")
    if not walk_kernels.are_pointers(graphs.atom_ptr, n_atoms) or not walk_kernels.are_pointers(
        graphs.bond_ptr, n_bonds
    ):
        raise InputError("packed graphs whose pointers do not rise from 0 to their atoms and bonds cannot be scored")
    if graphs.extras.ndim != 2 or len(graphs.extras) != graphs.n_mols:
        raise InputError("packed graphs without one row of molecule features for each molecule cannot be scored")
    molecule = walk_kernels.first_impossible(*graphs[:5])
    if molecule >= 0:
        raise InputError(
            f"molecule {molecule} of these packed graphs cannot be scored: it has a descriptor that stands for no atom"
            " or bond, or a bond that leaves it"
        )


def require_extras(graphs: PackedGraphs, n_extras: int) -> None:
    """Returns when the molecules bring what a model takes beside their graphs, or it takes nothing."""
    found = graphs.extras.shape[1]
    if n_extras and graphs.n_mols and found != n_extras:
        raise InputError(
            f"these packed graphs bring {found:,} molecule features and the model takes {n_extras:,}: make them with"
            " the model's own recipe"
        )

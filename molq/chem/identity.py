"""Which molecules are the same, however they are spelled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molq.chem.featurize import featurize
from molq.chem.molecule import asked, molecule
from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, Field, PackedGraphs

_ROUNDS = 4
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def same_molecules(smiles: Sequence[str], graphs: PackedGraphs | None = None) -> NDArray[np.int64]:
    """[n] for each molecule the first one that is the same: itself, where none before it is.

    Two molecules are the same when RDKit writes the same canonical SMILES of both, stereo and isotopes included. All of
    ``smiles`` must parse. ``graphs`` are theirs, where they are at hand: canonical SMILES are written only of molecules
    whose graphs agree in all that does not depend on the spelling.
    """
    keys = spelling_free_keys(featurize(smiles).graphs if graphs is None else graphs)
    _, code, count = np.unique(keys, return_inverse=True, return_counts=True)
    first = np.arange(len(smiles))
    seen: dict[str, int] = {}
    for i in np.flatnonzero(count[code] > 1).tolist():
        first[i] = seen.setdefault(canonical_smiles(smiles[i]), i)
    return first


def places_among(
    smiles: Sequence[str], graphs: PackedGraphs, others: Sequence[str], other_graphs: PackedGraphs
) -> NDArray[np.int64]:
    """[n] where among ``others`` each molecule stands first, however it is spelled; -1 where it does not."""
    at = {text: i for i, text in reversed(list(enumerate(others)))}
    places = np.array([at.get(text, -1) for text in smiles], np.int64)
    keys, other_keys = spelling_free_keys(graphs), spelling_free_keys(other_graphs)
    shared = np.flatnonzero(np.isin(other_keys, keys[places < 0]))
    named: dict[str, int] = {}
    for i in shared.tolist():
        named.setdefault(canonical_smiles(others[i]), i)
    for i in np.flatnonzero((places < 0) & np.isin(keys, other_keys)).tolist():
        places[i] = named.get(canonical_smiles(smiles[i]), -1)
    return places


def canonical_smiles(smiles: str) -> str:
    """RDKit's canonical SMILES, or ``smiles`` itself where RDKit makes no molecule of it."""
    mol = molecule(smiles)
    return smiles if mol is None else asked(Chem.MolToSmiles, mol)[0] or smiles


def spelling_free_keys(graphs: PackedGraphs) -> NDArray[np.uint64]:
    """[n] a number for each molecule that does not depend on its spelling: of atoms, bonds and their neighbourhoods.

    Stereo is not part of it, and two molecules may share a number by chance or by symmetry. (Weisfeiler and Leman 1968)
    """
    atoms = graphs.atoms & ~_mask(ATOM_FIELDS["chiral"], np.uint64)
    bonds = (graphs.bonds & ~_mask(BOND_FIELDS["stereo"], np.uint16)).astype(np.uint64)
    colours = _mixed(atoms)
    ends = graphs.ends
    with np.errstate(over="ignore"):
        for _ in range(_ROUNDS):
            around = np.zeros(len(colours), np.uint64)
            for here, there in ((0, 1), (1, 0)):
                np.add.at(around, ends[:, here], _mixed(colours[ends[:, there]] + bonds))
            colours = _mixed(colours * np.uint64(3) + around)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(colours, dtype=np.uint64)])
        return sums[graphs.atom_ptr[1:]] - sums[graphs.atom_ptr[:-1]]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number scattered over 64 bits. (splitmix64, Steele, Lea and Flood 2014)"""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * _MIX[0]
        values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))


def _mask(field: Field, kind: type[np.unsignedinteger]) -> np.unsignedinteger:
    return kind(((1 << field.width) - 1) << field.shift)

"""SMILES to packed graphs through RDKit's parser and cuik_molmaker, which packs many molecules a call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit.rdBase import BlockLogs

from molq.chem.cuik import cuik_extension
from molq.chem.featurized import Featurized, assemble
from molq.chem.followed import followed
from molq.chem.isotopes import default_masses, isotopes_by_mass
from molq.chem.packed import (
    ATOM_FIELDS,
    BOND_FIELDS,
    CHARGE_OFFSET,
    HYBRIDIZATIONS,
    PackedGraphs,
    concat,
    empty_graphs,
    no_extras,
    take,
)
from molq.chem.rdkit_featurize import graph_or_reason
from molq.chem.recipe import PLAIN, Recipe
from molq.chem.rejection import size_reason
from molq.records.record import Rejected
from molq.shortage import is_shortage

_BATCH = 256
_WRITTEN_HYDROGEN = re.compile(r"\[\d*(?:H|#)")
"""what may be a hydrogen as an atom; holmium and its kin may be asked of RDKit too"""
_N_CHIRAL = 5
_ATOM_FLOATS = ["atomic-number", "formal-charge", "degree", "hybridization", "aromatic", "mass"]
_BOND_COLUMNS = ["bond-type-float", "bond-type-onehot", "conjugated", "in-ring", "stereo"]
_RDKIT_HYBRIDIZATIONS = ("UNSPECIFIED", "S", "SP", "SP2", "SP3", "SP2D", "SP3D", "SP3D2", "OTHER")
_HYBRIDIZATION_CODE = np.array([HYBRIDIZATIONS.index(h) if h in HYBRIDIZATIONS else 7 for h in _RDKIT_HYBRIDIZATIONS])
_DEFAULT_MASS = default_masses() / np.float32(100)
_CHIRAL_CODE = np.arange(_N_CHIRAL, dtype=np.float32)


def featurize_with_cuik(smiles: Sequence[str], max_atoms: int = 1000, recipe: Recipe = PLAIN) -> Featurized:
    """Graphs of the molecules that parse, rejections of the others; every input comes back exactly once.

    Same bytes as ``featurize_with_rdkit``. ``max_atoms`` bounds the atoms of one molecule.
    """
    graphs: list[PackedGraphs] = []
    index: list[int] = []
    rejected: list[Rejected] = []
    for start in range(0, len(smiles), _BATCH):
        batch = smiles[start : start + _BATCH]
        packed, found = _pack_batch(batch, max_atoms, recipe)
        if len(found) < len(batch):
            packed, found, refused = _settle_missing(batch, packed, found, max_atoms, recipe)
            rejected += [r._replace(row=start + r.row) for r in refused]
        graphs.append(packed)
        index += (start + found).tolist()
    return assemble(graphs, index, rejected)


class _Packed(NamedTuple):
    graphs: PackedGraphs
    found: NDArray[np.int64]
    """position in the batch of each graph, ascending"""


def _pack_batch(batch: Sequence[str], max_atoms: int, recipe: Recipe) -> _Packed:
    """What cuik_molmaker makes of a batch, without the too large and those for which the recipe asks RDKit."""
    asked = [s if len(s) <= max_atoms or size_reason(s, max_atoms) is None else "" for s in batch]
    if recipe.keeps_hydrogens:
        asked = ["" if _WRITTEN_HYDROGEN.search(s) else s for s in asked]
    with BlockLogs():
        graphs, found = _pack(asked)
    n_atoms = np.diff(graphs.atom_ptr)
    if len(n_atoms) and n_atoms.max() > max_atoms:
        keep = np.flatnonzero(n_atoms <= max_atoms)
        graphs, found = take(graphs, keep), found[keep]
    graphs, is_told = followed(graphs, recipe)
    return _Packed(graphs, found[is_told])


def _settle_missing(
    batch: Sequence[str], packed: PackedGraphs, found: NDArray[np.int64], max_atoms: int, recipe: Recipe
) -> tuple[PackedGraphs, NDArray[np.int64], list[Rejected]]:
    """Molecules that cuik_molmaker gave nothing for go through RDKit, which packs them or says what is wrong."""
    rescued: list[PackedGraphs] = []
    positions: list[int] = []
    refused: list[Rejected] = []
    for i in np.setdiff1d(np.arange(len(batch)), found).tolist():
        graph = graph_or_reason(batch[i], max_atoms, recipe)
        if isinstance(graph, str):
            refused.append(Rejected(i, batch[i], graph))
        else:
            rescued.append(graph)
            positions.append(i)
    if not rescued:
        return packed, found, refused
    position = np.concatenate([found, positions])
    order = np.argsort(position)
    return take(concat([packed, *rescued]), order), position[order], refused


def _pack(smiles: list[str]) -> _Packed:
    """Graphs of the molecules cuik_molmaker accepts. One bad molecule makes it refuse a whole call: bisect then."""
    extension = cuik_extension()
    try:
        atoms, bonds, edges, _, molecule = extension.batch_mol_featurizer(
            smiles, *_request(), False, False, False, False
        )
    except Exception as error:
        if is_shortage(error):
            raise
        if len(smiles) == 1:
            return _Packed(empty_graphs(), np.empty(0, np.int64))
        middle = len(smiles) // 2
        left, right = _pack(smiles[:middle]), _pack(smiles[middle:])
        return _Packed(concat([left.graphs, right.graphs]), np.concatenate([left.found, right.found + middle]))
    n_atoms = np.bincount(molecule, minlength=len(smiles))
    n_bonds = np.bincount(molecule[edges[0]], minlength=len(smiles))
    found = np.flatnonzero(n_atoms)
    graphs = PackedGraphs(
        _atom_descriptors(atoms, edges),
        _bond_descriptors(bonds),
        np.ascontiguousarray(edges.T, dtype=np.int32),
        _pointer(n_atoms[found]),
        _pointer(n_bonds[found]),
        no_extras(len(found)),
    )
    return _Packed(graphs, found)


@cache
def _request() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The fewest columns that still say everything: floats where they are exact, one-hots elsewhere."""
    extension: ModuleType = cuik_extension()
    return (
        extension.atom_onehot_feature_names_to_array(["chirality"]),
        extension.atom_float_feature_names_to_array(_ATOM_FLOATS),
        extension.bond_feature_names_to_array(_BOND_COLUMNS),
    )


def _atom_descriptors(x: NDArray[np.float32], edges: NDArray[np.int64]) -> NDArray[np.uint64]:
    """x [N, 11]: chirality one-hot (5), Z/5, charge, total degree, hybridization, aromatic, mass/100."""
    atomic_number, charge, degree, hybridization, aromatic = _integers(x[:, _N_CHIRAL : _N_CHIRAL + 5])
    hydrogens = degree - np.bincount(edges.ravel(), minlength=len(x))
    values = {
        "atomic_number": atomic_number,
        "degree": np.minimum(degree, 6),
        "charge": np.clip(charge + CHARGE_OFFSET, 0, 31),
        "chiral": (x[:, :_N_CHIRAL] @ _CHIRAL_CODE).astype(np.int64),
        "hydrogens": np.minimum(hydrogens, 5),
        "hybridization": _HYBRIDIZATION_CODE[hybridization],
        "aromatic": aromatic,
        "isotope": _isotopes(atomic_number, x[:, -1]),
    }
    descriptors = np.zeros(len(x), np.int64)
    for name, value in values.items():
        descriptors |= value << ATOM_FIELDS[name].shift
    return descriptors.astype(np.uint64)


def _integers(columns: NDArray[np.float32]) -> NDArray[np.int64]:
    """[N, 5] floats as integers [5, N]; the first column is Z/5."""
    scaled = columns.T.copy()
    scaled[0] *= 5
    return np.rint(scaled).astype(np.int64)


def _isotopes(atomic_number: NDArray[np.int64], mass: NDArray[np.float32]) -> NDArray[np.int64]:
    isotopes = np.zeros(len(mass), np.int64)
    for i in np.flatnonzero(mass != _DEFAULT_MASS[atomic_number]).tolist():
        known = isotopes_by_mass(int(atomic_number[i]))
        isotopes[i] = known.get(float(mass[i])) or round(float(mass[i]) * 100)
    return isotopes


def _bond_descriptors(x: NDArray[np.float32]) -> NDArray[np.uint16]:
    """x [B, 14]: order, type one-hot (4; the last: aromatic and every odd type), conjugated, ring, stereo (7)."""
    bond_type = x[:, 1:4] @ np.array([1, 2, 3], np.float32)
    bond_type[(x[:, 4] == 1) & (x[:, 0] == np.float32(1.5))] = 4
    stereo = x[:, 7:14] @ np.arange(7, dtype=np.float32)
    values: dict[str, NDArray[Any]] = {
        "type": bond_type,
        "conjugated": x[:, 5],
        "ring": x[:, 6],
        "stereo": stereo,
    }
    descriptors = np.zeros(len(x), np.uint16)
    for name, value in values.items():
        descriptors |= value.astype(np.uint16) << np.uint16(BOND_FIELDS[name].shift)
    return descriptors


def _pointer(counts: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

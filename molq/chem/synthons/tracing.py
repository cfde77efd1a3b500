"""Products of which every atom is traced to the synthon that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molq.chem.featurize import featurize
from molq.chem.molecule import molecule
from molq.chem.packed import PackedGraphs
from molq.chem.recipe import Recipe
from molq.chem.synthons.joining import Mol, joined_or_reason, synthon_or_reason

_POSITION, _ATOM = "molq_position", "molq_atom"
_CACHED = 1 << 15
"""synthons whose molecule is kept"""


class Origins(NamedTuple):
    """A product: its canonical SMILES, and where its n atoms come from, in the order of the SMILES."""

    smiles: str
    position: NDArray[np.int32]
    """[n]"""
    atom: NDArray[np.int32]
    """[n], of the synthon as its text has them"""


class Traced(NamedTuple):
    """Products that a network can read, as graphs; of the others, why it cannot."""

    graphs: PackedGraphs
    origins: list[Origins]
    """of each graph"""
    index: NDArray[np.int64]  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    """[n], which of the products asked for"""
    refused: dict[int, str]


def ports(smiles: str) -> dict[int, int]:
    """For each connector of a synthon the atom that it hangs on. Raises KeyError where it hangs on no single atom."""
    mol = _marked(smiles, 0)
    found = {}
    for atom in mol.GetAtoms():
        if number := atom.GetAtomMapNum():
            beside = atom.GetNeighbors()
            if len(beside) != 1 or beside[0].GetAtomMapNum():
                raise KeyError(number)
            found[number] = beside[0].GetIdx()
    return found


def zone(smiles: str) -> str:
    """What a synthon looks like near its connectors: two bonds around each, and rings that a join can close or widen.

    Two synthons that say the same are perceived alike, as far as their neighbours can tell.
    """
    mol = _marked(smiles, 0)
    dummies = [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomMapNum()]
    near = set(dummies)
    rings = [set(ring) for ring in mol.GetRingInfo().AtomRings()]
    if len(dummies) > 1:
        for i, start in enumerate(dummies):
            for stop in dummies[i + 1 :]:
                near.update(Chem.GetShortestPath(mol, start, stop))
        near = _with_rings(near, rings)
    for _ in range(2):
        near |= {beside.GetIdx() for at in near for beside in mol.GetAtomWithIdx(at).GetNeighbors()}
    symbols = [_symbol(atom) for atom in mol.GetAtoms()]
    return Chem.MolFragmentToSmiles(mol, sorted(near), atomSymbols=symbols, isomericSmiles=False)


def traced(products: Sequence[Sequence[str]], recipe: Recipe) -> Traced:
    """The products of synthons, given by their SMILES."""
    origins: list[Origins] = []
    asked_for: list[int] = []
    refused: dict[int, str] = {}
    for i, synthons in enumerate(products):
        one = _origins_or_reason(synthons)
        if isinstance(one, str):
            refused[i] = one
        else:
            origins.append(one)
            asked_for.append(i)
    read = featurize([one.smiles for one in origins], recipe=recipe)
    refused |= {asked_for[one.row]: one.reason for one in read.rejected}
    index = np.array(asked_for, np.int64)[read.index]
    return Traced(read.graphs, [origins[i] for i in read.index], index, refused)


def _origins_or_reason(synthons: Sequence[str]) -> Origins | str:
    product = joined_or_reason([_marked(smiles, position) for position, smiles in enumerate(synthons)])
    if isinstance(product, str):
        return product
    written = Chem.MolToSmiles(product)
    order = _order(product)
    again = molecule(written)
    if again is None:
        return "RDKit does not read what it writes of the product"
    if again.GetNumAtoms() != len(order):
        return "has hydrogens as atoms"
    smiles = Chem.MolToSmiles(again)
    atoms = [product.GetAtomWithIdx(order[at]) for at in _order(again)]
    return Origins(
        smiles,
        np.array([atom.GetIntProp(_POSITION) for atom in atoms], np.int32),
        np.array([atom.GetIntProp(_ATOM) for atom in atoms], np.int32),
    )


def _order(mol: Mol) -> list[int]:
    """The atoms in the order in which the SMILES written last has them."""
    return list(map(int, mol.GetProp("_smilesAtomOutputOrder").strip("[],").split(",")))


@lru_cache(_CACHED)
def _marked(smiles: str, position: int) -> Mol:
    """A synthon whose atoms know what they are. Raises ValueError for none."""
    mol = synthon_or_reason(smiles)
    if isinstance(mol, str):
        raise ValueError(f"synthon {smiles}: {mol}")
    for atom in mol.GetAtoms():
        atom.SetIntProp(_POSITION, position)
        atom.SetIntProp(_ATOM, atom.GetIdx())
    return mol


def _with_rings(near: set[int], rings: list[set[int]]) -> set[int]:
    """Also the rings that touch, and those that touch them."""
    rest = rings
    while touching := [ring for ring in rest if ring & near]:
        rest = [ring for ring in rest if not ring & near]
        near = near.union(*touching)
    return near


def _symbol(atom: Chem.Atom) -> str:
    kind = "r" if atom.IsInRing() else "c"
    pi = sum(1 for bond in atom.GetBonds() if bond.GetBondTypeAsDouble() > 1)
    return (
        f"[{atom.GetSymbol()}{atom.GetAtomMapNum()}:{atom.GetFormalCharge()}:{atom.GetTotalNumHs()}:"
        f"{atom.GetDegree()}{kind}{pi}{'a' if atom.GetIsAromatic() else ''}]"
    )

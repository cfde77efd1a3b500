"""A reaction run on reagents, and its products cut where atoms of different reagents meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rdkit import Chem
from rdkit.Chem import rdChemReactions
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.chem.synthons.joining import N_CONNECTORS, Mol
from molq.errors import InputError

_MOST_PRODUCTS = 100


class CuttingReaction:
    """A reaction whose product is cut into a synthon for each of its reagents.

    An atom of the product belongs to the reagent that its map number names; atoms that the reaction brings along go
    with the reagent that they have most bonds to, the first of several. Raises InputError for a SMARTS that is no
    reaction of two or more reagents to one product, and where more than ``N_CONNECTORS`` bonds would be cut.
    """

    def __init__(self, smarts: str) -> None:
        with BlockLogs():
            reaction, reason = asked(rdChemReactions.ReactionFromSmarts, smarts)
        if reaction is None:
            raise InputError(f"{smarts!r} is no reaction SMARTS: {reason}")
        self.n_reagents = reaction.GetNumReactantTemplates()
        if self.n_reagents < 2 or reaction.GetNumProductTemplates() != 1:
            raise InputError(
                f"{smarts!r} has {self.n_reagents} reagents and {reaction.GetNumProductTemplates()} products; a space"
                " is made by a reaction of two or more reagents to one product"
            )
        with BlockLogs():
            _, reason = asked(reaction.Initialize)
        if reason is not None:
            raise InputError(f"{smarts!r} cannot be run: {reason}")
        self._reaction = reaction
        self._owners = _owners(reaction)
        self._cuts = [
            (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
            for bond in reaction.GetProductTemplate(0).GetBonds()
            if self._owners[bond.GetBeginAtomIdx()] != self._owners[bond.GetEndAtomIdx()]
        ]
        """of the product template, whose atoms are the first of every product"""
        if not 0 < len(self._cuts) <= N_CONNECTORS:
            raise InputError(
                f"{smarts!r} makes {len(self._cuts)} bonds between atoms of different reagents; 1 to {N_CONNECTORS}"
                " can be cut. Map the atoms of the product that come from a reagent"
            )

    def matches(self, reagent: Mol, position: int) -> int:
        """In how many ways a molecule is the reagent of a position."""
        return len(reagent.GetSubstructMatches(self._reaction.GetReactantTemplate(position), True))

    def product_or_reason(self, reagents: Sequence[Mol]) -> Mol | str:
        """The product, sanitized, or why there is none, or no single one."""
        with BlockLogs():
            outcomes, reason = asked(self._reaction.RunReactants, tuple(reagents), _MOST_PRODUCTS)
            if outcomes is None:
                return reason or "RDKit cannot run the reaction on it"
            found: dict[str, Mol] = {}
            refused: str | None = None
            for (product,) in outcomes:
                _, problem = asked(Chem.SanitizeMol, product)
                refused = refused or problem
                if problem is None:
                    found[Chem.MolToSmiles(product)] = product
        if len(found) > 1:
            return f"reacts in {len(found)} ways"
        return next(iter(found.values())) if found else refused or "does not react"

    def synthons_or_reason(self, product: Mol) -> list[str] | str:
        """The piece of each reagent, its connectors written ``[1*]`` to ``[4*]``, or why there is none."""
        with BlockLogs():
            pieces, reason = asked(self._pieces, product)
        return pieces if pieces is not None else reason or "cannot be cut"

    def _pieces(self, product: Mol) -> list[str]:
        cut = Chem.Mol(product)
        for atom in cut.GetAtoms():
            atom.SetAtomMapNum(0)
        bonds = [cut.GetBondBetweenAtoms(*ends) for ends in self._cuts]
        if any(bond.GetIsAromatic() for bond in bonds):
            Chem.Kekulize(cut, clearAromaticFlags=True)
        numbers = range(1, len(bonds) + 1)
        apart: Any = Chem.FragmentOnBonds(
            cut, [bond.GetIdx() for bond in bonds], dummyLabels=[(number, number) for number in numbers]
        )
        written: list[list[str]] = [[] for _ in range(self.n_reagents)]
        for atoms in Chem.GetMolFrags(apart):
            owners = {self._owners[at] for at in atoms if at < len(self._owners)}
            if len(owners) != 1:
                raise ValueError("has parts that take no part in the reaction")
            written[owners.pop()].append(Chem.MolFragmentToSmiles(apart, atoms))
        if any(len(parts) != 1 for parts in written):
            raise ValueError("falls apart when its product is cut")
        return [parts[0] for parts in written]


def _owners(reaction: Any) -> list[int]:
    """For each atom of the product template the reagent that it belongs to."""
    by_number = {
        atom.GetAtomMapNum(): position
        for position in range(reaction.GetNumReactantTemplates())
        for atom in reaction.GetReactantTemplate(position).GetAtoms()
        if atom.GetAtomMapNum()
    }
    template = reaction.GetProductTemplate(0)
    owners: list[int | None] = [by_number.get(atom.GetAtomMapNum()) for atom in template.GetAtoms()]
    for group in _brought_along(template, owners):
        beside = Counter(
            owner
            for at in group
            for atom in template.GetAtomWithIdx(at).GetNeighbors()
            if (owner := owners[atom.GetIdx()]) is not None
        )
        most = max(beside.values(), default=0)
        chosen = min((owner for owner, n in beside.items() if n == most), default=0)
        for at in group:
            owners[at] = chosen
    return [owner if owner is not None else 0 for owner in owners]


def _brought_along(template: Any, owners: Sequence[int | None]) -> list[set[int]]:
    """Connected atoms of the product template that come from no reagent."""
    groups: list[set[int]] = []
    for atom in template.GetAtoms():
        if owners[atom.GetIdx()] is not None:
            continue
        near = {neighbour.GetIdx() for neighbour in atom.GetNeighbors()} | {atom.GetIdx()}
        joined = [group for group in groups if group & near]
        groups = [group for group in groups if not group & near]
        groups.append({atom.GetIdx()}.union(*joined))
    return groups

"""Synthons, and the products that come of joining them at their connectors.

A connector is a dummy atom with the isotope 1 to 4, ``[1*]``, or one of the elements U, Np, Pu and Am in its place. Two
synthons are joined where both have the same one; a connector that none shares stays open.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked, molecule

Mol = Chem.Mol
N_CONNECTORS = 4
_ELEMENTS = {"U": 1, "Np": 2, "Pu": 3, "Am": 4}
_NUMBERS = "_molqConnectors"
"""property of a synthon: the digits of its connectors"""
_ELEMENT = re.compile(r"\[(U|Np|Pu|Am)\]")


def synthon_or_reason(text: str) -> Mol | str:
    """A synthon, its connectors dummies whose atom map is their number, or why there is none."""
    spelled = _ELEMENT.sub(lambda found: f"[{_ELEMENTS[found[1]]}*]", text)
    with BlockLogs():
        mol, reason = asked(Chem.MolFromSmiles, spelled)
    if mol is None or not mol.GetNumAtoms():
        return reason or "not a molecule that RDKit reads"
    for atom in mol.GetAtoms():
        number = atom.GetIsotope() if atom.GetAtomicNum() == 0 else 0
        if number > N_CONNECTORS:
            return f"connector [{number}*]; there are [1*] to [{N_CONNECTORS}*]"
        atom.SetAtomMapNum(number)
        if number:
            if atom.GetDegree() != 1:
                return f"connector [{number}*] has {atom.GetDegree()} bonds; it needs one"
            atom.SetIsotope(0)
    numbers = sorted(number for atom in mol.GetAtoms() if (number := atom.GetAtomMapNum()))
    mol.SetProp(_NUMBERS, "".join(map(str, numbers)))
    return mol if numbers else "no connector, [1*] to [4*]"


def connectors(synthon: Mol) -> tuple[int, ...]:
    """The numbers of its connectors, ascending."""
    return tuple(map(int, synthon.GetProp(_NUMBERS)))


def ends(synthon: Mol) -> tuple[tuple[int, str], ...]:
    """The number and the kind of bond of each connector, such as (1, "double"), ascending."""
    found = ((atom.GetAtomMapNum(), atom.GetBonds()[0]) for atom in synthon.GetAtoms() if atom.GetAtomMapNum())
    return tuple(sorted((number, str(bond.GetBondType()).lower()) for number, bond in found))


def joined_or_reason(synthons: Sequence[Mol]) -> Mol | str:
    """The product, sanitized and no more, or why RDKit refuses it. A connector that is not paired stays a dummy."""
    counts = Counter(number for synthon in synthons for number in connectors(synthon))
    if many := [number for number, n in sorted(counts.items()) if n > 2]:
        return f"connector {many[0]} stands {counts[many[0]]} times"
    with BlockLogs():
        mol, reason = asked(_joined, synthons)
    return mol if mol is not None else reason or "RDKit gives no product"


def smiles_of(product: Mol) -> str:
    """Canonical: what RDKit writes of what it reads again, since marks of stereo in rings may differ before."""
    written = Chem.MolToSmiles(product)
    again = molecule(written)
    return written if again is None else Chem.MolToSmiles(again)


def _joined(synthons: Sequence[Mol]) -> Mol:
    together = synthons[0]
    for synthon in synthons[1:]:
        together = Chem.CombineMols(together, synthon)
    product = Chem.molzip(together)
    Chem.SanitizeMol(product)
    return product

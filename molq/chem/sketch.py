"""A molecule in few numbers, from which a page can answer SMARTS and write a mol block without RDKit."""

from __future__ import annotations

from typing import Any

import msgspec
from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked, molecule

MAX_ATOMS = 999
"""that a page draws"""
AROMATIC, IN_RING, STEREO = 16, 32, 64
"""what is added to the order of a bond; stereo, as a mol block numbers it, stands above"""
_HUNDREDTHS = 100
_NO_VALENCE, _CROSSED = 15, 3
"""of a mol block of version 2000: an atom without bonds and hydrogens; a double bond of any stereo"""


class Sketch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Atoms in the order of the SMILES; names are single letters because a page holds thousands."""

    z: tuple[int, ...]
    """atomic numbers"""
    h: tuple[int, ...]
    """hydrogens that are no atoms"""
    x: tuple[int, ...]
    """places in hundredths of an ångström, as RDKit lays the molecule out"""
    y: tuple[int, ...]
    b: tuple[int, ...]
    """a triple for each bond: its atoms, and order + 16 aromatic + 32 in a ring + 64 × stereo; Kekulé's orders, 9 for a
    dative bond from the first atom to the second"""
    a: tuple[int, ...] = ()
    """atoms that are aromatic"""
    r: tuple[int, ...] = ()
    """a triple for each atom of a ring: the atom, the number of its rings, the size of the smallest"""
    q: dict[int, int] = msgspec.field(default_factory=dict)
    """charges by atom"""
    i: dict[int, int] = msgspec.field(default_factory=dict)
    """isotopes by atom"""
    e: dict[int, int] = msgspec.field(default_factory=dict)
    """unpaired electrons by atom"""
    v: dict[int, int] = msgspec.field(default_factory=dict)
    """valences by atom, where a reader of the mol block would guess other hydrogens; 15 is none"""


def sketch(smiles: str) -> Sketch | None:
    """The sketch; None where RDKit makes no molecule, no Kekulé structure, or one of more than MAX_ATOMS atoms."""
    mol = molecule(smiles)
    if mol is None or not 0 < mol.GetNumAtoms() <= MAX_ATOMS:
        return None
    with BlockLogs():
        return asked(_sketched, mol)[0]


def _sketched(mol: Chem.Mol) -> Sketch:
    rdDepictor.Compute2DCoords(mol)
    drawn = _Block(Chem.MolToV3KMolBlock(mol))  # version 2000 has no dative bonds
    atoms = list(mol.GetAtoms())
    rings = mol.GetRingInfo()
    ringed = ((i, n, rings.MinAtomRingSize(i)) for i in range(mol.GetNumAtoms()) if (n := rings.NumAtomRings(i)))
    return Sketch(
        z=tuple(atom.GetAtomicNum() for atom in atoms),
        h=tuple(atom.GetTotalNumHs() for atom in atoms),
        x=tuple(round(x * _HUNDREDTHS) for x in drawn.x),
        y=tuple(round(y * _HUNDREDTHS) for y in drawn.y),
        b=tuple(number for bond in mol.GetBonds() for number in _bond(bond, drawn)),
        a=tuple(atom.GetIdx() for atom in atoms if atom.GetIsAromatic()),
        r=tuple(number for triple in ringed for number in triple),
        q=_told((atom.GetIdx(), atom.GetFormalCharge()) for atom in atoms),
        i=_told((atom.GetIdx(), atom.GetIsotope()) for atom in atoms),
        e=_told((atom.GetIdx(), atom.GetNumRadicalElectrons()) for atom in atoms),
        v=_told(enumerate(drawn.valences)),
    )


def _told(pairs: Any) -> dict[int, int]:
    return {atom: value for atom, value in pairs if value}


class _Block:
    """What RDKit decided for a mol block: places, valences, and for each bond its atoms in order, order and stereo."""

    def __init__(self, block: str) -> None:
        lines = [line.removeprefix("M  V30 ").split() for line in block.replace("-\nM  V30 ", "").split("\n")]
        atoms, bonds = _between(lines, "ATOM"), _between(lines, "BOND")
        self.x = [float(cells[2]) for cells in atoms]
        self.y = [float(cells[3]) for cells in atoms]
        self.valences = [_NO_VALENCE if (v := _field(cells, "VAL")) == -1 else v for cells in atoms]
        self.bonds = [(int(a), int(b), int(order), _stereo(int(order), rest)) for _, order, a, b, *rest in bonds]


def _between(lines: list[list[str]], what: str) -> list[list[str]]:
    if ["BEGIN", what] not in lines:
        return []
    return lines[lines.index(["BEGIN", what]) + 1 : lines.index(["END", what])]


def _field(cells: list[str], name: str) -> int:
    return next((int(cell.partition("=")[2]) for cell in cells if cell.startswith(f"{name}=")), 0)


def _stereo(order: int, fields: list[str]) -> int:
    """As version 2000 numbers it."""
    drawn = _field(fields, "CFG")
    return _CROSSED if drawn == 2 and order == 2 else (0, 1, 4, 6)[drawn]


def _bond(bond: Chem.Bond, drawn: _Block) -> tuple[int, int, int]:
    begin, end, order, stereo = drawn.bonds[bond.GetIdx()]
    flags = AROMATIC * bond.GetIsAromatic() + IN_RING * bond.IsInRing() + STEREO * stereo
    return begin - 1, end - 1, order + flags

"""Molecules as records of an SD file, with coordinates to look at and data fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked, molecule
from molq.visible import one_line

_NO_ATOMS = "\n     molq\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n"
_TITLE_CHARACTERS = 80


def sdf_record(smiles: str, title: str, fields: Mapping[str, str]) -> str:
    """``smiles`` drawn in two dimensions, a title line, a data field for each of ``fields``, and ``$$$$``.

    What RDKit makes no molecule of has no atoms. Controls and line ends are written as ``\\n``, and what would end a
    field or a record begins with a blank.
    """
    mol = molecule(smiles)
    with BlockLogs():
        block = None if mol is None else asked(_block, mol)[0]
    head = one_line(title)[:_TITLE_CHARACTERS]
    head = f" {head}" if head.startswith("$$$$") else head
    body = (block or _NO_ATOMS).partition("\n")[2]
    data = "".join(f">  <{_name(name)}>\n{_value(value)}\n\n" for name, value in fields.items())
    return f"{head}\n{body}{data}$$$$\n"


def field_names(names: Sequence[str]) -> list[str]:
    """What fields of these names are called in every record: without what would end a name, and no two alike."""
    used: set[str] = set()
    found = []
    for name in map(_name, names):
        while name in used:
            name += "_"
        used.add(name)
        found.append(name)
    return found


def _block(mol: Chem.Mol) -> str:
    rdDepictor.Compute2DCoords(mol)
    return Chem.MolToMolBlock(mol)


def _name(name: str) -> str:
    """Without what would end it."""
    return re.sub(r"[<>]", "_", one_line(name)).strip() or "_"


def _value(value: str) -> str:
    text = one_line(value)
    return f" {text}" if text.startswith((">", "$$$$")) else text

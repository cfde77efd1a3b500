"""Whether texts are SMILES, as RDKit sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked

_MOST_CHARACTERS = 2000
_EXTENSION = re.compile(r" \|[^|]*\|\Z")
_POSSIBLE = re.compile(r"[A-Za-z0-9@+\-\[\]()\\/%=#$:.~*]+\Z")


def are_smiles(texts: Sequence[str]) -> list[bool]:
    """For each text whether RDKit's parser finds atoms in it. Valences and aromaticity are not asked for.

    A CXSMILES extension may follow; a SMILES with a name after it is none. A text of more than 2,000 characters is one
    when its letters are.
    """
    with BlockLogs():
        return [_is_smiles(text) for text in texts]


def _is_smiles(text: str) -> bool:
    bare = _EXTENSION.sub("", text)
    if not _POSSIBLE.match(bare):
        return False
    if len(bare) > _MOST_CHARACTERS:
        return True
    mol, _ = asked(lambda: Chem.MolFromSmiles(bare, sanitize=False))
    return mol is not None and mol.GetNumAtoms() > 0

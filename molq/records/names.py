"""Names of columns: which of them propose SMILES, which identifiers, and how a wanted one is found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from molq.errors import InputError

SMILES_NAMES = (
    "smiles",
    "canonical_smiles",
    "isomeric_smiles",
    "cxsmiles",
    "smiles_string",
    "compound_smiles",
    "rdkit_smiles",
    "smi",
)
"""what a SMILES column is called, the likeliest first; any other name that ends or begins with smiles comes after"""
MOLECULE_NAMES = ("mol", "molecule", "structure", "compound", "drug", "ligand", "parent", "molecules", "structures")
"""what a SMILES column may be called, and a column of names, codes or pictures too"""
ID_NAMES = (
    "id",
    "name",
    "title",
    "mol_id",
    "molid",
    "molecule_id",
    "molecule_name",
    "compound_id",
    "compound_name",
    "cmpd_id",
    "cid",
    "pubchem_cid",
    "zinc_id",
    "catalog_id",
    "catalogue_id",
    "idnumber",
    "id_number",
    "cmpd_chemblid",
    "chembl_id",
    "chemblid",
    "molecule_chembl_id",
    "molregno",
    "drug_id",
    "code",
    "identifier",
)
_SHOWN = 12
_DIGITS = 9
"""of the number of a column; Python refuses to read thousands of them"""


def plain(name: str) -> str:
    """A name as it is compared: in small letters, words joined by one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().strip("\"'#").lower()).strip("_")


def smiles_rank(name: str) -> int | None:
    """How likely a name is that of a SMILES column, 0 the likeliest; None for a name that says nothing of SMILES."""
    name = plain(name)
    if name in SMILES_NAMES:
        return SMILES_NAMES.index(name)
    if re.search(r"smiles(_\d+)?$|^smiles_", name):
        return len(SMILES_NAMES)
    return None


def id_rank(name: str) -> int | None:
    """How likely a name is that of an identifier, 0 the likeliest; None for another name."""
    name = plain(name)
    if name in ID_NAMES:
        return ID_NAMES.index(name)
    if re.search(r"(^|_)(id|identifier|number|no|code|name)$", name):
        return len(ID_NAMES)
    if name in MOLECULE_NAMES:
        return len(ID_NAMES) + 1
    return None


def distinct_names(names: Sequence[str]) -> list[str]:
    """Names without outer blanks; a repeated one gets a number (``x``, ``x.1``), as pandas does."""
    taken = {name.strip() for name in names}
    seen: set[str] = set()
    repeats: dict[str, int] = {}
    distinct: list[str] = []
    for name in map(str.strip, names):
        unique = name
        while unique in seen or (unique != name and unique in taken):
            repeats[name] = repeats.get(name, 0) + 1
            unique = f"{name}.{repeats[name]}"
        seen.add(unique)
        distinct.append(unique)
    return distinct


def named_position(names: Sequence[str], wanted: str, source: str, parameter: str) -> int:
    """Place of the column ``wanted``: by name, letter case and outer blanks aside where none is exact, or by number.

    Numbers count from 1. Raises InputError without such a column.
    """
    if wanted in names:
        return names.index(wanted)
    lower = [name.strip().lower() for name in names]
    if wanted.strip().lower() in lower:
        return lower.index(wanted.strip().lower())
    if wanted.strip().isdecimal():
        if len(wanted.strip()) <= _DIGITS and 1 <= int(wanted) <= len(names):
            return int(wanted) - 1
        raise InputError(f"{source}: no column {wanted:.40} for `{parameter}`: there are {len(names)}")
    raise InputError(f"{source}: no column {wanted!r} among {listed(names)}; `{parameter}` takes one of them")


def has_name(names: Sequence[str], wanted: str | None) -> bool:
    """Whether a column bears this name, letter case and outer blanks aside."""
    return wanted is not None and wanted.strip().lower() in (name.strip().lower() for name in names)


def listed(names: Sequence[str]) -> str:
    """The names for a message, the first of them when there are many."""
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")

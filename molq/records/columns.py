"""Which column of a table holds the SMILES, and which the identifier."""

from __future__ import annotations

from collections.abc import Sequence

from molq.errors import InputError

SMILES_COLUMNS = (
    "smiles",
    "smi",
    "mol",
    "molecule",
    "structure",
    "canonical_smiles",
    "isomeric_smiles",
    "smiles_string",
    "compound_smiles",
    "cxsmiles",
    "rdkit_smiles",
)
ID_COLUMNS = (
    "id",
    "name",
    "title",
    "mol_id",
    "molid",
    "molecule_id",
    "compound_id",
    "cid",
    "zinc_id",
    "catalog_id",
    "idnumber",
    "cmpd_chemblid",
    "chembl_id",
    "molregno",
)
_SHOWN = 12


def smiles_position(names: Sequence[str], wanted: str | None, source: str) -> int:
    """Place of the SMILES column: the one ``wanted``, or the first known name. InputError lists the columns."""
    position = named_position(names, wanted, source) if wanted is not None else _known_position(names, SMILES_COLUMNS)
    if position is None:
        raise InputError(f"{source}: none of the columns {_listed(names)} is a SMILES column; say which one is")
    return position


def id_position(names: Sequence[str], wanted: str | None, source: str) -> int | None:
    """Place of the identifier column: the one ``wanted``, or the first known name, or None."""
    return named_position(names, wanted, source) if wanted is not None else _known_position(names, ID_COLUMNS)


def named_position(names: Sequence[str], wanted: str, source: str) -> int:
    """Place of the column ``wanted``, letter case aside where no name is exact. Raises InputError without one."""
    if wanted in names:
        return names.index(wanted)
    lower = [name.lower() for name in names]
    if wanted.lower() in lower:
        return lower.index(wanted.lower())
    raise InputError(f"{source}: no column {wanted!r} among {_listed(names)}")


def distinct_names(names: Sequence[str]) -> list[str]:
    """Names without outer blanks; a repeated one gets a number (``x``, ``x.1``), as pandas does."""
    distinct: list[str] = []
    for name in map(str.strip, names):
        unique, repeat = name, 0
        while unique in distinct:
            repeat += 1
            unique = f"{name}.{repeat}"
        distinct.append(unique)
    return distinct


def names_smiles(text: str) -> bool:
    """Whether ``text`` is the name of a SMILES column."""
    return text.strip().strip('"').lower() in SMILES_COLUMNS


def _known_position(names: Sequence[str], known: Sequence[str]) -> int | None:
    lower = [name.lower().replace(" ", "_") for name in names]
    return next((lower.index(name) for name in known if name in lower), None)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")

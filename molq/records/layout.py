"""Where molecules, ids and kept columns stand in a record of a source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """How the records of a source are understood; it travels to workers once.

    ``smiles``, ``id`` and ``columns`` are places in a record; in an SD file the names count instead.
    """

    name: str
    format: str
    """delimited, spaced, sdf or table"""
    smiles: int = 0
    id: int | None = None
    columns: tuple[int, ...] = ()
    width: int = 0
    """cells of a record"""
    delimiter: str = ""
    """of delimited records; of spaced ones a tab, or "" for any blanks"""
    quoted: bool = False
    header: str | None = None
    """name of the SMILES column, by which a repeated header is known; None without a header"""
    smiles_name: str | None = None
    """the data field that holds SMILES; None for the mol block"""
    id_name: str | None = None
    """the data field that is the id; None for the title"""
    column_names: tuple[str, ...] = ()
    """of the kept columns, as they were asked for"""
    has_id: bool = True
    names: tuple[str, ...] = ()
    """all columns, of an SD file those of the first records; empty when workers need not know them"""

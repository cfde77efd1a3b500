"""Whether a prepared library is sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize
from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, Field, PackedGraphs
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.records.choice import Wanted
from molq.results.screening import LibraryCheck
from molq.screening.library.file import open_library, read_rows
from molq.screening.rows import Rows


def verify_library(path: str, *, parse_again: bool = False, progress: Progress = SILENT) -> LibraryCheck:
    """Read every row: page checksums, counts, graphs that hang together; with ``parse_again`` every SMILES too.

    Raises InputError naming the first row that is wrong.
    """
    library = open_library(path)
    if parse_again and not library.header.has_smiles:
        raise InputError(f"{path}: holds no SMILES to parse again")
    layout = library.layout(Wanted(columns=library.header.columns))
    first_row = rejected = parsed = 0
    for group, n_rows in enumerate(library.group_rows):
        rows: Rows = read_rows(layout, group, 0, n_rows)
        assert rows.graphs is not None
        kept = np.setdiff1d(np.arange(n_rows), np.fromiter(rows.rejected, np.int64, len(rows.rejected)))
        fault = _first_fault(rows.graphs)
        if fault is not None:
            raise InputError(f"{path}: the graph of row {first_row + int(kept[fault])} does not hang together")
        if parse_again:
            _parse_again(path, rows, kept, first_row, library.header.max_atoms)
            parsed += len(kept)
        first_row += n_rows
        rejected += len(rows.rejected)
        progress.step(first_row, library.rows)
    if (first_row, rejected) != (library.rows, library.rejected):
        raise InputError(f"{path}: {rejected} of {first_row} rows are rejected where {library.rejected} were")
    return LibraryCheck(first_row, rejected, parsed)


def _first_fault(graphs: PackedGraphs) -> int | None:
    """The first molecule with no atom, an unknown descriptor, or a bond to an atom that is not its own."""
    n_atoms, n_bonds = np.diff(graphs.atom_ptr), np.diff(graphs.bond_ptr)
    bad = n_atoms < 1
    molecule = np.repeat(np.arange(graphs.n_mols), n_bonds)
    first, last = graphs.atom_ptr[:-1][molecule], graphs.atom_ptr[1:][molecule]
    outside = ((graphs.ends < first[:, None]) | (graphs.ends >= last[:, None])).any(axis=1)
    np.logical_or.at(bad, molecule, outside | (graphs.ends[:, 0] == graphs.ends[:, 1]))
    np.logical_or.at(bad, molecule, (graphs.bonds & ~np.uint16(_used_bits(BOND_FIELDS))) != 0)
    atom_molecule = np.repeat(np.arange(graphs.n_mols), n_atoms)
    np.logical_or.at(bad, atom_molecule, (graphs.atoms & ~np.uint64(_used_bits(ATOM_FIELDS))) != 0)
    return int(np.argmax(bad)) if bad.any() else None


def _used_bits(fields: dict[str, Field]) -> int:
    return sum(((1 << field.width) - 1) << field.shift for field in fields.values())


def _parse_again(path: str, rows: Rows, kept: NDArray[np.int64], first_row: int, max_atoms: int) -> None:
    again = featurize([rows.smiles[row] for row in kept.tolist()], max_atoms)
    if again.rejected:
        row = first_row + int(kept[again.rejected[0].row])
        raise InputError(f"{path}: the SMILES of row {row} gives no graph: {again.rejected[0].reason}")
    for name in PackedGraphs._fields:
        if not np.array_equal(getattr(rows.graphs, name), getattr(again.graphs, name)):
            raise InputError(
                f"{path}: rows {first_row} to {first_row + len(rows.smiles) - 1}: {name} differ from the SMILES"
            )

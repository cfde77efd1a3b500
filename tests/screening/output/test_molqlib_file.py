from __future__ import annotations

import numpy as np
from sample_rows import NASTY, rows_of

from molq import __version__
from molq.records.choice import Wanted
from molq.screening.library.file import open_library, read_rows
from molq.screening.output.molqlib_file import LibraryHeader, MolqlibFile, descriptor_layout
from molq.screening.score_rows import score_rows


def header(**changes) -> LibraryHeader:
    fields = {"has_id": True, "has_smiles": True, "columns": ("note",), "max_atoms": 100, "sources": ("a.csv",)}
    return LibraryHeader(**{**fields, "created_with": __version__, "descriptors": descriptor_layout(), **changes})


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "a.molqlib"
    smiles = ["CCO", "C(", "c1ccccc1", "[13CH4]", "[Na+].[Cl-]", "C[C@H](N)O", "F/C=C/F", *["C"] * (len(NASTY) - 7)]
    rows = rows_of(smiles, NASTY, [NASTY[::-1]])
    packed = score_rows(rows, None, 100)
    output = MolqlibFile(str(path), header())
    sink = output.sink(())
    sink.open(tmp_path, 0, False)
    sink.write(output.body(rows, packed, 0, ()))
    sink.commit()
    assert sink.finish(len(smiles), 1) == output.paths(()) == [path]
    library = open_library(str(path))
    assert library.header == header()
    assert (library.rows, library.rejected) == (len(smiles), 1)
    found = read_rows(library.layout(Wanted(columns=("note",))), 0, 0, len(smiles))
    assert found.rejected == packed.rejected
    assert found.graphs is not None
    for stored, fresh in zip(found.graphs, packed.graphs, strict=True):
        np.testing.assert_array_equal(stored, fresh)
    assert (list(found.smiles), list(found.ids), [list(c) for c in found.columns]) == (smiles, NASTY, [NASTY[::-1]])


def test_the_layout_of_descriptors_names_every_field():
    assert '"atomic_number":[0,8]' in descriptor_layout()
    assert '"stereo":[5,3]' in descriptor_layout()

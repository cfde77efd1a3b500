from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molq.chem.featurize import featurize
from molq.errors import InputError
from molq.records.choice import Wanted
from molq.screening.library.file import open_library, read_rows
from molq.screening.output.molqlib_file import METADATA_KEY


def test_graphs_are_stored_to_the_bit(prepared, smiles):
    rows = read_rows(open_library(str(prepared)).layout(Wanted()), 0, 0, 700)
    kept = [text for i, text in enumerate(smiles[:700]) if i % 100 != 7]
    for stored, fresh in zip(rows.graphs, featurize(kept).graphs, strict=True):
        np.testing.assert_array_equal(stored, fresh)


def test_a_shard_may_end_inside_a_row_group(fake_screen, library, prepared, tmp_path):
    fake_screen(library, tmp_path / "a.csv", workers=0)
    fake_screen([prepared], tmp_path / "b.csv", workers=1, shard_rows=123)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_library_that_is_cut_short_or_foreign_or_newer(prepared, tmp_path):
    (tmp_path / "short.molqlib").write_bytes(prepared.read_bytes()[:-100])
    with pytest.raises(InputError, match="not a readable prepared library"):
        open_library(str(tmp_path / "short.molqlib"))
    pq.write_table(pa.table({"smiles": ["C"]}), tmp_path / "foreign.molqlib")
    with pytest.raises(InputError, match="no prepared library of molq"):
        open_library(str(tmp_path / "foreign.molqlib"))
    for change, message in (({"format_version": 99}, "newer than this molq"), ({"descriptors": "x"}, "build it again")):
        path = tmp_path / f"{next(iter(change))}.molqlib"
        rewrite_header(prepared, path, change)
        with pytest.raises(InputError, match=message):
            open_library(str(path))


def test_a_header_is_read_as_what_it_is_or_not_at_all(prepared, tmp_path):
    header = open_library(str(prepared)).header
    spaced = json.dumps(json.loads(header.descriptors))
    assert spaced != header.descriptors
    rewrite_header(prepared, tmp_path / "spaced.molqlib", {"descriptors": spaced})
    with pytest.raises(InputError, match="rows where none were written"):  # the counts are not in the header
        open_library(str(tmp_path / "spaced.molqlib"))
    for name, change in (("unknown", {"colour": "red"}), ("wrong", {"max_atoms": "many"})):
        rewrite_header(prepared, tmp_path / f"{name}.molqlib", change)
        with pytest.raises(InputError, match=rf"{name}\.molqlib: .*(colour|max_atoms)"):
            open_library(str(tmp_path / f"{name}.molqlib"))


def rewrite_header(source: Path, target: Path, change: dict[str, object]) -> None:
    table = pq.read_table(source)
    metadata = table.schema.metadata
    header = json.loads(metadata[METADATA_KEY]) | change
    pq.write_table(table.replace_schema_metadata(metadata | {METADATA_KEY: json.dumps(header).encode()}), target)


def test_what_a_prepared_library_was_not_built_with_cannot_be_asked_of_it(prepared, fake_screen, tmp_path):
    with pytest.raises(InputError, match="no column 'weight'; columns kept in this library: price"):
        fake_screen(prepared, tmp_path / "out.csv", columns=["weight"])
    with pytest.raises(InputError, match="no SMILES column to choose"):
        fake_screen(prepared, tmp_path / "out.csv", smiles_column="smiles")
    with pytest.raises(InputError, match="the id of a prepared library is chosen when it is built"):
        fake_screen(prepared, tmp_path / "out.csv", id_column="price")


def test_the_limit_of_atoms_of_the_screening_holds_too(fake_screen, library, prepared, tmp_path):
    fake_screen(library, tmp_path / "a.csv", workers=0, max_atoms=8)
    summary = fake_screen(prepared, tmp_path / "b.csv", workers=0, max_atoms=8)
    assert summary.rejected > 15
    scores = [[line.split(",")[1:4] for line in (tmp_path / n).read_text().splitlines()] for n in ("a.csv", "b.csv")]
    assert scores[0] == scores[1]

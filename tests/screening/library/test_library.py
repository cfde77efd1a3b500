from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molq.chem.featurize import featurize
from molq.errors import InputError, OutputError
from molq.records.layout import Wanted
from molq.records.sources import Source
from molq.screening.library.build import build_library
from molq.screening.library.check import verify_library
from molq.screening.library.file import METADATA_KEY, open_library, read_rows


@pytest.fixture
def prepared(library, tmp_path) -> Path:
    path = tmp_path / "library.molqlib"
    summary = build_library(library, path, workers=1, columns=["price"], shard_rows=700)
    assert (summary.rows, summary.rejected) == (1500, 15)
    return path


def test_scores_and_rows_are_those_of_the_library(fake_screen, library, prepared, tmp_path):
    for name in ("out.csv", "out.parquet"):
        fake_screen(library, tmp_path / f"a-{name}", workers=0, columns=["price"])
        fake_screen(prepared, tmp_path / f"b-{name}", workers=2, columns=["price"])
        assert (tmp_path / f"a-{name}").read_bytes() == (tmp_path / f"b-{name}").read_bytes()


def test_graphs_are_stored_to_the_bit(prepared, smiles):
    rows = read_rows(open_library(str(prepared)).layout(Source(str(prepared), "molqlib", False), Wanted()), 0, 0, 700)
    kept = [text for i, text in enumerate(smiles[:700]) if i % 100 != 7]
    for stored, fresh in zip(rows.graphs, featurize(kept).graphs, strict=True):
        np.testing.assert_array_equal(stored, fresh)


def test_a_shard_may_end_inside_a_row_group(fake_screen, library, prepared, tmp_path):
    fake_screen(library, tmp_path / "a.csv", workers=0)
    fake_screen([prepared], tmp_path / "b.csv", workers=1, shard_rows=123)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_same_bytes_for_any_workers_and_chunk_size(library, tmp_path):
    outputs = []
    for i, (workers, chunk_rows) in enumerate([(1, 1500), (2, 13)]):
        path = tmp_path / f"{i}.molqlib"
        build_library(library, path, workers=workers, chunk_rows=chunk_rows, shard_rows=600)
        outputs.append(path.read_bytes())
    assert outputs[0] == outputs[1]


def test_without_smiles(fake_screen, library, tmp_path):
    path = tmp_path / "bare.molqlib"
    build_library(library, path, keep_smiles=False, workers=1)
    fake_screen(path, tmp_path / "out.csv", workers=1)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "id,first,second,rejected"
    assert len(lines) == 1501
    with pytest.raises(InputError, match="no SMILES"):
        verify_library(str(path), parse_again=True)


def test_any_parquet_reader_reads_it(prepared, smiles):
    table = pq.read_table(prepared)
    assert table.column("smiles").to_pylist()[:3] == smiles[:3]
    assert len(table.column("atoms")[0]) == featurize(smiles[:1]).graphs.atom_ptr[1]


def test_verify_finds_it_sound(prepared):
    report = verify_library(str(prepared), parse_again=True)
    assert (report.rows, report.rejected, report.parsed_again) == (1500, 15, 1485)


def test_any_damaged_byte_of_the_data_is_found(prepared, tmp_path):
    whole = prepared.read_bytes()
    metadata = pq.ParquetFile(prepared).metadata
    end = max(
        metadata.row_group(g).column(c).data_page_offset + metadata.row_group(g).column(c).total_compressed_size
        for g in range(metadata.num_row_groups)
        for c in range(metadata.num_columns)
    )
    for i, at in enumerate(range(100, end - 100, (end - 200) // 12)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        path = tmp_path / f"damaged{i}.molqlib"
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"damaged|differ|hang together|gives no graph|rejected where"):
            verify_library(str(path), parse_again=True)


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


def rewrite_header(source: Path, target: Path, change: dict[str, object]) -> None:
    table = pq.read_table(source)
    metadata = table.schema.metadata
    header = json.loads(metadata[METADATA_KEY]) | change
    pq.write_table(table.replace_schema_metadata(metadata | {METADATA_KEY: json.dumps(header).encode()}), target)


def test_graphs_that_do_not_hang_together_are_found(prepared, tmp_path):
    table = pq.read_table(prepared)
    ends = table.column("ends").to_pylist()
    ends[42] = [60000 for _ in ends[42]]
    forged = table.set_column(
        table.column_names.index("ends"), table.schema.field("ends"), pa.array(ends, table.schema.field("ends").type)
    )
    with pq.ParquetWriter(tmp_path / "forged.molqlib", forged.schema) as writer:
        writer.write_table(forged)
        writer.add_key_value_metadata(
            {key: value for key, value in pq.ParquetFile(prepared).metadata.metadata.items() if b"counts" in key}
        )
    with pytest.raises(InputError, match="the graph of row 42 does not hang together"):
        verify_library(str(tmp_path / "forged.molqlib"))


def test_options(library, prepared, fake_screen, tmp_path):
    with pytest.raises(InputError, match=r"must end in \.molqlib"):
        build_library(library, tmp_path / "out.parquet")
    with pytest.raises(InputError, match="1 to 65535 atoms"):
        build_library(library, tmp_path / "out.molqlib", max_atoms=70000)
    with pytest.raises(OutputError, match="`force`"):
        build_library(library, prepared)
    with pytest.raises(InputError, match="no column 'weight'; columns kept in this library: price"):
        fake_screen(prepared, tmp_path / "out.csv", columns=["weight"])
    with pytest.raises(InputError, match="no SMILES column to choose"):
        fake_screen(prepared, tmp_path / "out.csv", smiles_column="smiles")


def test_the_limit_of_atoms_of_the_screening_holds_too(fake_screen, library, prepared, tmp_path):
    fake_screen(library, tmp_path / "a.csv", workers=0, max_atoms=8)
    summary = fake_screen(prepared, tmp_path / "b.csv", workers=0, max_atoms=8)
    assert summary.rejected > 15
    scores = [[line.split(",")[1:4] for line in (tmp_path / n).read_text().splitlines()] for n in ("a.csv", "b.csv")]
    assert scores[0] == scores[1]


def test_bytes_per_molecule(dataset, tmp_path):
    """At most 120 bytes a molecule without SMILES, with the ids of LIT-PCBA."""
    path = tmp_path / "mapk1.molqlib"
    summary = build_library(dataset("litpcba_mapk1.csv.gz", 5000), path, keep_smiles=False, workers=1)
    assert path.stat().st_size / summary.rows <= 120

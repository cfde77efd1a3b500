from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from heard import Heard

from molq.errors import InputError
from molq.screening.library.build import build_library
from molq.screening.library.check import verify_library


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


def test_without_smiles_there_is_nothing_to_parse_again(library, tmp_path):
    path = tmp_path / "bare.molqlib"
    build_library(library, path, keep_smiles=False, workers=0)
    assert verify_library(str(path)).rows == 1500
    with pytest.raises(InputError, match="no SMILES"):
        verify_library(str(path), parse_again=True)


def test_progress_counts_the_rows(prepared):
    heard = Heard()
    verify_library(str(prepared), progress=heard)
    assert heard.steps[""][-1] == (1500, 1500)

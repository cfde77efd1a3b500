from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sample_rows import NASTY, rows_of, scored, with_scores

from molq.columns import columns_of
from molq.screening.output.parquet_file import ParquetFile
from molq.screening.output.table import OutputTable, Selection

COLUMNS = columns_of(("first", "second"))


def written(tmp_path, table, rows, some, first_row=0) -> pa.Table:
    output = ParquetFile(str(tmp_path / "out.parquet"), table)
    sink = output.sink(COLUMNS)
    sink.open(tmp_path, 0, False)
    sink.write(output.body(rows, some, first_row, ()))
    sink.commit()
    ((part, path),) = sink.finish()
    assert [path] == output.paths(COLUMNS)
    return pq.read_table(part)


def test_every_row_is_there_with_scores_or_a_reason(tmp_path):
    smiles = ["C"] * (len(NASTY) - 1) + ["C("]
    rows = rows_of(smiles, NASTY)
    some = scored(rows)
    found = written(tmp_path, OutputTable(True), rows, some)
    assert found.column_names == ["smiles", "id", "first", "second", "rejected"]
    assert found.column("id").to_pylist() == NASTY
    assert found.column("first").type == pa.float32()
    assert found.column("first").to_pylist() == [*some.scores[:, 0].tolist(), None]
    assert [bool(reason) for reason in found.column("rejected").to_pylist()] == [False] * (len(NASTY) - 1) + [True]


def test_a_score_that_is_no_number_is_not_a_missing_one(tmp_path):
    rows = rows_of(["C", "C("])
    found = written(tmp_path, OutputTable(True), rows, with_scores(rows, [[np.nan, np.inf]]))
    assert np.isnan(found.column("first")[0].as_py())
    assert found.column("first").null_count == 1


def test_a_threshold_leaves_rows_out_and_numbers_the_others(tmp_path):
    rows = rows_of(["C", "C(", "CC", "CCC"])
    some = with_scores(rows, [[0.1, 0.6], [0.2, 0.2], [0.5, 0.0]])
    found = written(tmp_path, OutputTable(True, (), Selection(threshold=0.5)), rows, some, 10**12)
    assert found.column("row").to_pylist() == [10**12, 10**12 + 3]
    assert found.column("id").to_pylist() == ["M0", "M3"]

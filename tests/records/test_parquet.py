import itertools

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molq.errors import InputError
from molq.records.records import Record, read_records


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "a.parquet"
    columns = {"ID": [7, None, 9], "Smiles": ["CC", None, " CCC "], "x": [1.5, 2.0, None]}
    pq.write_table(pa.table(columns), path)
    return path


def test_rows_are_read_as_text(table):
    assert list(read_records(table)) == [
        Record(0, "7", "CC", {"ID": "7", "Smiles": "CC", "x": "1.5"}),
        Record(1, "", "", {"ID": "", "Smiles": "", "x": "2.0"}),
        Record(2, "9", "CCC", {"ID": "9", "Smiles": " CCC ", "x": ""}),
    ]


def test_columns_given_by_name(table):
    assert next(read_records(table, smiles_column="x", id_column="Smiles")).smiles == "1.5"
    with pytest.raises(InputError, match="no column 'y' among 'ID', 'Smiles', 'x'"):
        next(read_records(table, smiles_column="y"))


def test_many_row_groups_are_read_lazily(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"smiles": ["C" * (i % 9 + 1) for i in range(30_000)]}), path, row_group_size=1000)
    assert [r.row for r in itertools.islice(read_records(path), 3)] == [0, 1, 2]
    assert sum(1 for _ in read_records(path)) == 30_000


def test_a_damaged_file_is_refused(table):
    data = table.read_bytes()
    table.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"a\.parquet: not a readable Parquet file, at row 0"):
        list(read_records(table))

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from molq.records.arrow import arrow_bytes
from molq.screening.output import parquet_sink
from molq.screening.output.parquet_sink import ParquetSink

SCHEMA = pa.schema([("n", pa.int64())])


def body(*numbers: int) -> bytes:
    return arrow_bytes(pa.RecordBatch.from_arrays([pa.array(numbers, pa.int64())], ["0"]))


def test_row_groups_do_not_depend_on_the_shards(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_sink, "GROUP_ROWS", 2)
    files = []
    for i, shards in enumerate(([[1, 2, 3, 4], [5, 6, 7, 8]], [[1, 2], [3, 4], [5, 6], [7, 8]])):
        folder = tmp_path / str(i)
        folder.mkdir()
        sink = ParquetSink(folder / "out", SCHEMA)
        sink.open(folder, 0, False)
        for shard in shards:
            for number in shard:
                sink.write(body(number))
            sink.commit()
        ((part, _),) = sink.finish()
        files.append(pq.ParquetFile(part))
    for file in files:
        assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [2, 2, 2, 2]
        assert file.read().column("n").to_pylist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_shard_without_rows_is_none(tmp_path):
    sink = ParquetSink(tmp_path / "out", SCHEMA)
    sink.open(tmp_path, 0, False)
    assert [sink.commit(), sink.commit()] == [0, 0]
    ((part, _),) = sink.finish()
    assert pq.read_table(part).num_rows == 0

from __future__ import annotations

import gzip
import zlib

import pytest
from sample_rows import rows_of, scored

from molq.columns import columns_of
from molq.errors import OutputError
from molq.screening.output.csv_file import CsvFile
from molq.screening.output.csv_text import csv_rows
from molq.screening.output.table import OutputTable

TABLE = OutputTable(True)
COLUMNS = columns_of(("first", "second"))


def test_a_worker_makes_the_lines_of_the_table(tmp_path):
    rows = rows_of(["C", "C("])
    assert CsvFile("x.csv", TABLE).body(rows, scored(rows), 7, ()) == csv_rows(TABLE, rows, scored(rows), 7)


def test_gzip_holds_the_same_text_a_member_for_each_shard(tmp_path):
    texts = []
    for name in ("out.csv", "out.csv.GZ"):
        sink = CsvFile(str(tmp_path / name), TABLE).sink(COLUMNS)
        (tmp_path / "run").mkdir(exist_ok=True)
        sink.open(tmp_path / "run", 0, False)
        for body in (b"C,a,1,2,\n", b"CC,b,3,4,\n"):
            sink.write(body)
            sink.commit()
        ((part, path),) = sink.finish()
        assert path == tmp_path / name
        texts.append(part.read_bytes())
    assert texts[0] == b"smiles,id,first,second,rejected\nC,a,1,2,\nCC,b,3,4,\n"
    assert gzip.decompress(texts[1]) == texts[0]
    first = zlib.decompressobj(31)
    assert first.decompress(texts[1]) == texts[0][: texts[0].index(b"CC,")]
    assert first.unused_data


def test_what_was_committed_and_is_gone_is_an_error(tmp_path):
    sink = CsvFile(str(tmp_path / "out.csv"), TABLE).sink(COLUMNS)
    sink.open(tmp_path, 0, False)
    sink.write(b"C,a,1,2,\n")
    mark = sink.commit()
    sink.close()
    (tmp_path / "part").write_bytes(b"smiles")
    for _ in range(2):
        with pytest.raises(OutputError, match="shorter than the manifest says"):
            CsvFile(str(tmp_path / "out.csv"), TABLE).sink(COLUMNS).open(tmp_path, mark, False)
        (tmp_path / "part").unlink(missing_ok=True)

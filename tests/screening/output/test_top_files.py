from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from sample_rows import NASTY, rows_of, with_scores

from molq.columns import columns_of
from molq.errors import OutputError
from molq.screening.output.best import BestRow
from molq.screening.output.table import OutputTable, Selection
from molq.screening.output.top_files import TopFiles

COLUMNS = columns_of(("first", "second"))


def top(path: Path | str, k: int = 2, **selection) -> TopFiles:
    return TopFiles(str(path), OutputTable(True, (), Selection(top=k, **selection)))


def sent(output: TopFiles, scores: list[list[float]], bounds=(None, None)) -> list[list[int]]:
    """For each task the rows that a worker sends."""
    rows = rows_of(["C"] * len(scores))
    body = output.body(rows, with_scores(rows, scores), 100, bounds)
    return [[row.row for row in task] for task in msgspec.msgpack.decode(body, type=list[list[BestRow]])]


def test_names_of_the_files():
    assert top("a/top.csv.gz").paths(columns_of(("only",))) == [Path("a/top.csv.gz")]
    assert top("top.csv.gz").paths(columns_of(("p53", "NR-AR", "a/b c"))) == [
        Path("top.p53.csv.gz"), Path("top.NR-AR.csv.gz"), Path("top.a_b_c.csv.gz"),
    ]  # fmt: skip
    assert top("my.top.parquet").paths(COLUMNS) == [Path("my.top.first.parquet"), Path("my.top.second.parquet")]
    assert top("top.csv").paths(()) == []


def test_a_worker_sends_at_most_the_best_of_each_task():
    scores = [[0.1, 0.9], [0.5, 0.1], [0.9, 0.5], [0.5, 0.2]]
    assert sent(top("x.csv"), scores) == [[102, 101], [100, 102]]
    assert sent(top("x.csv", lowest=True), scores) == [[100, 101], [101, 103]]


def test_a_worker_sends_nothing_that_cannot_win():
    scores = [[0.5, 0.5], [0.6, 0.4]]
    assert sent(top("x.csv"), scores, (0.5, 0.5)) == [[101], []]
    assert sent(top("x.csv", threshold=0.6), scores) == [[101], [101]]
    assert sent(top("x.csv"), [[np.nan, 0.1], [0.2, np.nan]]) == [[101], [100]]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_for_each_task_best_first(tmp_path, suffix):
    output = top(tmp_path / f"top{suffix}", k=3)
    sink = output.sink(COLUMNS)
    sink.open(tmp_path, 0, False)
    rows = rows_of(["C"] * 4, NASTY[:4])
    assert sink.bounds() == [None, None]
    sink.write(output.body(rows, with_scores(rows, [[0.1, np.nan], [0.3, 1], [0.2, 1], [0.0, 2]]), 0, sink.bounds()))
    assert sink.bounds() == [np.float32(0.1), 1.0]
    sink.commit()
    finished = sink.finish()
    assert [path for _, path in finished] == output.paths(COLUMNS)
    first, second = (part for part, _ in finished)
    if suffix == ".csv":
        assert first.read_text().splitlines()[:2] == ["row,smiles,id,first,second", "1,C,,0.3,1"]
        assert [line.split(",")[0] for line in second.read_text().splitlines()[1:]] == ["3", "1", "2"]
    else:
        import pyarrow.parquet as pq

        assert pq.read_table(first).column("id").to_pylist() == ["", "a,b", "plain"]
        assert pq.read_table(second).column("row").to_pylist() == [3, 1, 2]


def test_a_state_that_is_damaged_is_an_error(tmp_path):
    output = top(tmp_path / "top.csv")
    sink = output.sink(COLUMNS)
    sink.open(tmp_path, 0, False)
    rows = rows_of(["C"])
    sink.write(output.body(rows, with_scores(rows, [[0.1, 0.2]]), 0, sink.bounds()))
    mark = sink.commit()
    (state,) = tmp_path.glob("best-*")
    whole = state.read_bytes()
    for content in (whole[:-1], b"", b"\x90", whole.replace(b"C", b"\xc1")):
        state.write_bytes(content)
        with pytest.raises(OutputError, match=r"is damaged; start over with `force`"):
            output.sink(COLUMNS).open(tmp_path, mark, False)

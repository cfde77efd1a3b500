from __future__ import annotations

import pyarrow.parquet as pq
from sample_rows import rows_of, with_scores

from molq.screening.output.best_rows import BestRowsFile
from molq.screening.output.table import OutputTable, Selection


def test_a_row_that_is_best_twice_stands_once_in_its_place(tmp_path):
    form = BestRowsFile(str(tmp_path / "best.parquet"), OutputTable(True, (), Selection(top=2)))
    rows = rows_of(["C", "CC", "CCC", "CCCC"])
    scored = with_scores(rows, [[0.1, 5], [0.9, 9], [0.8, 1], [0.2, 7]])
    sink = form.sink(scored.columns)
    sink.open(tmp_path, 0, False)
    sink.write(form.body(rows, scored, 10, sink.bounds()))
    sink.commit()
    [finished] = sink.finish()
    sink.close()
    found = pq.read_table(finished.part).to_pydict()
    assert finished.path == form.paths(scored.columns)[0] == tmp_path / "best.parquet"
    assert found["row"] == [11, 12, 13]
    assert found["smiles"] == ["CC", "CCC", "CCCC"]
    assert found["second"] == [9, 1, 7]

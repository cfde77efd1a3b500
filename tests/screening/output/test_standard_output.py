from __future__ import annotations

from sample_rows import rows_of, scored

from molq.columns import columns_of
from molq.screening.output.csv_file import CsvFile
from molq.screening.output.standard_output import StandardOutput
from molq.screening.output.table import OutputTable

TABLE = OutputTable(True)


def test_it_says_what_a_csv_file_holds(tmp_path, capfdbinary):
    rows = rows_of(["C", "C(", "CCO"])
    outputs = StandardOutput(TABLE), CsvFile(str(tmp_path / "out.csv"), TABLE)
    assert outputs[0].paths(columns_of(("first",))) == []
    for output in outputs:
        sink = output.sink(columns_of(("first", "second")))
        sink.open(tmp_path, 0, False)
        sink.write(output.body(rows, scored(rows), 0, sink.bounds()))
        sink.commit()
        finished = sink.finish()
        assert [path for _, path in finished] == output.paths(())
        sink.close()
    assert capfdbinary.readouterr().out == finished[0].part.read_bytes()

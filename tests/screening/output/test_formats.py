"""What holds for every format, and which format a name stands for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sample_rows import rows_of, scored

from molq.columns import columns_of
from molq.errors import InputError
from molq.screening.output.csv_file import CsvFile
from molq.screening.output.formats import AnyFormat, format_of
from molq.screening.output.parquet_file import ParquetFile
from molq.screening.output.standard_output import StandardOutput
from molq.screening.output.table import OutputTable, Selection
from molq.screening.output.top_files import TopFiles

TABLE = OutputTable(True)
TOP = OutputTable(True, (), Selection(top=3))
COLUMNS = columns_of(("first", "second"))


def formats_in(folder: Path) -> dict[str, AnyFormat]:
    return {
        "csv": CsvFile(str(folder / "out.csv"), TABLE),
        "csv.gz": CsvFile(str(folder / "out.csv.gz"), TABLE),
        "parquet": ParquetFile(str(folder / "out.parquet"), TABLE),
        "hits": CsvFile(str(folder / "hits.csv"), OutputTable(True, (), Selection(threshold=3.0))),
        "top": TopFiles(str(folder / "top.csv"), TOP),
        "top.parquet": TopFiles(str(folder / "top.parquet"), TOP),
    }


NAMES = list(formats_in(Path()))


@pytest.mark.parametrize(
    ("path", "table", "kind"),
    [
        ("out.csv", TABLE, CsvFile),
        ("OUT.CSV.GZ", TABLE, CsvFile),
        ("a.b/out.parquet", TABLE, ParquetFile),
        ("out.parquet", TOP, TopFiles),
        ("out.csv.gz", TOP, TopFiles),
        (None, TABLE, StandardOutput),
    ],
)
def test_the_name_tells_the_format(path, table, kind):
    assert type(format_of(Path(path) if path else None, table)) is kind


@pytest.mark.parametrize("path", ["out.txt", "out", "out.csv.bz2", "out.parquet.gz", "out.molqlib", "csv"])
def test_any_other_name_is_refused(path):
    with pytest.raises(InputError, match=r"must end in one of \.csv \.csv\.gz \.parquet"):
        format_of(Path(path), TABLE)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_comes_out_of_a_message_as_it_went_in(name, tmp_path):
    output = formats_in(tmp_path)[name]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(output), type=AnyFormat) == output


SHARDS = [["CCO", "C(", "CCN"], ["c1ccccc1", "CCCC"], [], ["CCCl", "OCCO", "C"]]
ROWS = [smiles for shard in SHARDS for smiles in shard]


@pytest.mark.parametrize("name", NAMES)
def test_a_process_lost_at_any_moment_costs_nothing(name, tmp_path):
    """Lost in the midst of each shard, at its end, after the last one, and when the output is in place already."""
    outputs = {}
    for case in ("whole", "lost", "empty"):
        folder, mark = tmp_path / case, 0
        (folder / "run").mkdir(parents=True)
        output = formats_in(folder)[name]
        if case == "lost":
            for shard in SHARDS:
                session(output, folder, mark, [shard * 3], commit=False)
                session(output, folder, mark, [shard * 2])  # lost before anybody wrote down the mark
                mark = session(output, folder, mark, [shard])
            finish(output, folder, mark)
        else:
            mark = session(output, folder, mark, SHARDS if case == "whole" else [[]])
        finish(output, folder, mark)
        outputs[case] = [path.read_bytes() for path in output.paths(COLUMNS)]
    assert outputs["lost"] == outputs["whole"] != outputs["empty"]


def session(output: AnyFormat, folder: Path, mark: int, shards: list[list[str]], commit: bool = True) -> int:
    """A process that goes on after ``mark``; the new mark."""
    sink = output.sink(COLUMNS)
    sink.open(folder / "run", mark, False)
    for shard in shards:
        for smiles in shard:
            rows = rows_of([smiles])
            sink.write(output.body(rows, scored(rows), ROWS.index(smiles), sink.bounds()))
        if commit:
            mark = sink.commit()
    sink.close()
    return mark


def finish(output: AnyFormat, folder: Path, mark: int) -> None:
    sink = output.sink(COLUMNS)
    sink.open(folder / "run", mark, True)
    finished = sink.finish()
    assert [path for _, path in finished] == output.paths(COLUMNS)
    for part, path in finished:
        if part.exists():
            part.replace(path)
    sink.close()

import gzip
import re

import pytest

from molq.chem import table
from molq.chem.judge import are_smiles
from molq.chem.table import column_names, molecule_rows, read_table, sample_table
from molq.errors import InputError
from molq.records import sampling
from molq.records.choice import Wanted
from molq.records.input.source import Source
from molq.records.reader import open_library


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,smiles,x\na,CC,1\nb,C,2,3\nc,CCO,\n")
    return path


def test_all_rows_of_a_file(library):
    table = read_table(library, columns=["x"])
    assert (table.name, table.smiles, table.ids) == (str(library), ["CC", "", "CCO"], ["a", "b", "c"])
    assert table.columns == {"x": ["1", "2", ""]}
    assert [(r.row, r.smiles, r.reason) for r in table.rejected] == [(1, "C", "4 fields where the header has 3")]
    assert (table.read, table.read_smiles, table.notes) == ([0, 2], ["CC", "CCO"], [])


def test_bytes_in_memory_and_files_after_each_other(library):
    assert read_table(Source("mine", data=library.read_bytes())).smiles == ["CC", "", "CCO"]
    (library.parent / "b.smi.gz").write_bytes(gzip.compress(b"CCN d\n"))
    both = read_table([library, library.parent / "b.smi.gz"])
    assert (both.name, both.smiles, both.ids) == ("2 files", ["CC", "", "CCO", "CCN"], ["a", "b", "c", "d"])
    assert [r.row for r in both.rejected] == [1]


def test_columns_by_name_or_number(library):
    assert read_table(library, smiles_column="2", id_column="X").ids == ["1", "2", ""]
    with pytest.raises(
        InputError, match=r"a\.csv: no column 'y' among 'id', 'smiles', 'x'; `columns` takes one of them"
    ):
        read_table(library, columns=["y"])


def test_a_table_without_rows(tmp_path):
    (tmp_path / "a.csv").write_text("smiles,x\n")
    table = read_table(tmp_path / "a.csv", columns=["x"])
    assert (table.smiles, table.columns, table.rejected) == ([], {"x": []}, [])


def test_the_names_of_the_columns(library):
    assert column_names(library) == ("id", "smiles", "x")


def test_rows_a_chunk_at_a_time(library):
    with library.open("a") as file:
        file.writelines(f"n{i},C,{i}\n" for i in range(20_000))
    chunks = list(molecule_rows(open_library(library, Wanted(), are_smiles)))
    assert len(chunks) > 1
    assert sum(len(chunk.molecules) for chunk in chunks) == 20_003


def test_text_after_a_smiles_is_noted(tmp_path):
    (tmp_path / "a.csv").write_text("smiles,x\nCC O,1\nCCO,2\n")
    assert read_table(tmp_path / "a.csv").notes == ["1 row holds text after its SMILES, which is not read"]


@pytest.mark.parametrize(("bound", "value"), [("MAX_ROWS", 2), ("MAX_HELD_BYTES", 5)])
def test_a_table_that_is_too_large_to_be_held_is_refused(library, monkeypatch, bound, value):
    monkeypatch.setattr(table, bound, value)
    with pytest.raises(InputError, match="the most that is held in memory; give a part of it"):
        read_table(library)


def test_a_very_large_library_is_represented_by_rows_of_it(tmp_path, monkeypatch):
    path = tmp_path / "library.csv"
    path.write_text("smiles\n" + "".join(f"{'C' * (1 + row % 50)}\n" for row in range(4000)) + "C1\n")
    assert sample_table(path, 0) is None
    monkeypatch.setattr(sampling, "LARGE_BYTES", 10_000)
    monkeypatch.setattr(sampling, "N_PIECES", 8)
    monkeypatch.setattr(sampling, "_FIRST_BYTES", 1000)
    found = sample_table(path, 0, n_rows=500)
    assert found is not None
    assert 300 < len(found.smiles) < 900
    assert {set(text) <= {"C", "1"} for text in found.smiles} == {True}
    n_read, n_rows = re.fullmatch(
        rf"{path}: (\S+) of about (\S+) rows are read, in 8 pieces drawn at random; they stand for all", found.notes[-1]
    ).groups()
    assert n_read == f"{len(found.smiles):,}"
    assert 3000 <= int(n_rows.replace(",", "")) <= 5500

import io

import openpyxl
import pytest
from anything import from_pipe, in_memory, plain_judge, read

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import FoundSources, find_sources
from molq.records.reader import LibraryReader, open_library


def test_sources_after_each_other_and_no_chunk_across_a_shard():
    sources = [in_memory(b"smiles,id\n" + b"CC,a\n" * 10, "a.csv"), in_memory(b"CO b\n" * 7, "b.smi")]
    reader = LibraryReader(FoundSources(sources, []), Wanted(), plain_judge)
    chunks = list(reader.chunks(4, 6))
    assert [(c.layout, c.first_row, c.n_rows) for c in chunks] == [
        (0, 0, 4), (0, 4, 2), (0, 6, 4), (1, 10, 2), (1, 12, 4), (1, 16, 1)
    ]  # fmt: skip
    reader = LibraryReader(FoundSources(sources, []), Wanted(), plain_judge)
    assert list(reader.chunks(4, 6, 12)) == chunks[4:]
    with pytest.raises(InputError, match="the library has 17 rows, fewer than the 20 done before"):
        list(LibraryReader(FoundSources(sources, []), Wanted(), plain_judge).chunks(4, 6, 20))


def test_a_text_of_a_folder_that_holds_no_molecules_is_left_out_and_named(tmp_path):
    (tmp_path / "a.smi").write_text("CC a\n")
    (tmp_path / "notes.txt").write_text("bought in May\nfrom a vendor\n")
    (tmp_path / "more.txt").write_text("CCO b\n")
    reader = LibraryReader(find_sources(tmp_path), Wanted(), plain_judge)
    assert [source.path for source in reader.sources] == [str(tmp_path / "a.smi"), str(tmp_path / "more.txt")]
    assert reader.notes == [f"{tmp_path}/notes.txt: holds no SMILES and is not read"]
    with pytest.raises(InputError, match="no column holds SMILES"):
        open_library(tmp_path / "notes.txt", Wanted(), plain_judge)


def test_rows_in_all():
    def reader():
        return open_library(in_memory(b"CC a\n" * 10), Wanted(), plain_judge)

    stated, estimated = reader(), reader()
    stated.state_lines(0, 10)
    assert stated.total_rows(3) == 10
    assert estimated.total_rows(0) is None
    list(estimated.chunks(4, 100))
    assert estimated.total_rows(10) in (None, 10)


def test_workers_are_not_told_all_names():
    reader = open_library(in_memory(b"smiles,id\nCC,a\n"), Wanted(), plain_judge)
    assert reader.layouts[0].names == ("smiles", "id")
    assert reader.layouts_for_workers[0].names == ()
    assert reader.example == "CC a"


def test_workbooks_are_read_as_their_first_sheet(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Name", "SMILES"], ["a", "CCO"], ["b", "C,C"]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    found = read(in_memory(data.getvalue(), "a.xlsx"))
    assert (found.molecules.texts(), found.ids.texts()) == (["CCO", "C,C"], ["a", "b"])
    assert from_pipe(data.getvalue(), 999) == found

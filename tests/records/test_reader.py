import io
import os

import openpyxl
import pytest
from anything import from_pipe, in_memory, plain_judge, read

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import FoundSources, find_sources
from molq.records.reader import LibraryReader, open_library
from molq.records.tables import reader as table_reader
from molq.records.text import reader as text_reader
from molq.records.understand import understand


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


CELLS = ["C" * n for n in (1, 300, 20, 1000, 5, 5, 5, 700, 1, 1)]
KINDS = {
    "a.csv": lambda: b"smiles\n" + "".join(f"{cell}\n" for cell in CELLS).encode(),
    "a.smi": lambda: "".join(f"{cell}\n" for cell in CELLS).encode(),
    "a.parquet": lambda: parquet_of(CELLS),
}


def parquet_of(cells):
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = io.BytesIO()
    pq.write_table(pa.table({"smiles": cells}), data)
    return data.getvalue()


@pytest.mark.parametrize("name", KINDS)
def test_chunks_are_bounded_in_bytes_and_rows_do_not_depend_on_it(name, monkeypatch):
    def reader():
        return open_library(in_memory(KINDS[name](), name), Wanted(), plain_judge)

    def rows_of(chunks):
        return [text for chunk in chunks for text in understand(chunk, whole.layouts[0]).molecules.texts()]

    whole = reader()
    (chunk,) = whole.chunks(100, 100)
    assert chunk.n_rows == 10
    for module in (text_reader, table_reader):
        monkeypatch.setattr(module, "MAX_CHUNK_BYTES", 400)
    bounded = list(reader().chunks(100, 100))
    assert len(bounded) > 4
    assert all(len(rows_of([chunk])[0]) > 300 or sum(map(len, rows_of([chunk]))) <= 400 for chunk in bounded)
    assert rows_of(bounded) == rows_of([chunk]) == CELLS
    assert rows_of(reader().chunks(3, 100, 7)) == CELLS[7:]


@pytest.mark.parametrize("name", KINDS)
def test_a_row_beyond_the_bound_is_refused_with_its_place(name, monkeypatch):
    monkeypatch.setattr(text_reader, "_BLOCK_BYTES", 256)
    for module in (text_reader, table_reader):
        monkeypatch.setattr(module, "MAX_RECORD_BYTES", 500)
    monkeypatch.setattr(table_reader, "MAX_CHUNK_BYTES", 400)
    with pytest.raises(InputError, match=r"(line|row) [45] is (longer|larger) than 0 MiB"):
        list(open_library(in_memory(KINDS[name](), name), Wanted(), plain_judge).chunks(100, 100))


@pytest.mark.parametrize("change", [os.unlink, lambda path: os.truncate(path, 40), lambda path: os.utime(path, (9, 9))])
@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_is_changed_while_it_is_read_is_refused(tmp_path, name, change):
    (tmp_path / name).write_bytes(KINDS[name]())
    reader = open_library(tmp_path / name, Wanted(), plain_judge)
    reader.refuse_changes()
    chunks = reader.chunks(2, 100)
    next(chunks)
    change(tmp_path / name)
    with pytest.raises(InputError, match=f"{name} was changed while it was read"):
        list(chunks)
    with pytest.raises(InputError, match=f"{name} was changed while it was read"):
        reader.refuse_changes()

import csv
import gzip
import io
import itertools
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.errors import InputError
from molq.records.records import Record, Rejected, read_records


@pytest.fixture
def library(tmp_path):
    """Writes bytes or text to a file of that name, gzipped where the name says so, and returns its path."""

    def write(name, content):
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def smiles_of(path, **options):
    return [record.smiles for record in read_records(path, **options)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_kinds_line_ends_and_marks(library, end, mark, suffix):
    rows = [("CCO", "ethanol"), ("c1ccccc1", "")]
    expected = [Record(i, n, s, {"smiles": s, "name": n}) for i, (s, n) in enumerate(rows)]
    for kind, delimiter in (("csv", ","), ("tsv", "\t")):
        lines = [delimiter.join(row) for row in [("smiles", "name"), *rows]]
        assert list(read_records(library(f"a.{kind}{suffix}", mark + end.join(lines)))) == expected
    lines = [" ".join(row).strip() for row in rows]
    found = list(read_records(library(f"a.smi{suffix}", mark + end.join(lines) + end)))
    assert found == [record._replace(id=record.id or None) for record in expected]


@pytest.mark.parametrize("column", ["smiles", "SMILES", "mol", "Canonical_Smiles", "canonical smiles", " smiles "])
def test_the_smiles_column_is_found_by_name(library, column):
    assert smiles_of(library("a.csv", f"x,{column}\n1,CCO\n")) == ["CCO"]


def test_columns_given_by_name(library):
    path = library("a.csv", "smiles,parent,code\nCC,CCC,m1\n")
    assert list(read_records(path, smiles_column="Parent", id_column="code")) == [
        Record(0, "m1", "CCC", {"smiles": "CC", "parent": "CCC", "code": "m1"})
    ]
    with pytest.raises(InputError, match=r"a\.csv: no column 'nope' among 'smiles', 'parent', 'code'"):
        smiles_of(path, smiles_column="nope")


def test_a_table_without_smiles_names_its_columns(library):
    with pytest.raises(InputError, match=r"a\.csv: none of the columns 'a', 'b' is a SMILES column"):
        smiles_of(library("a.csv", "a,b\n1,2\n"))


def test_repeated_columns_are_all_kept(library):
    [record] = read_records(library("a.csv", "smiles,y,y\nCC,1,2\n"))
    assert record.fields == {"smiles": "CC", "y": "1", "y.1": "2"}


def test_blank_lines_do_not_count_but_blank_smiles_do(library):
    assert list(read_records(library("a.smi", "\nCC a\n \t\n\nCCC b c\n\n"))) == [
        Record(0, "a", "CC", {"smiles": "CC", "name": "a"}),
        Record(1, "b c", "CCC", {"smiles": "CCC", "name": "b c"}),
    ]
    assert smiles_of(library("a.csv", 'smiles,x\n\nCC,1\n  \n,2\n"",3\n')) == ["CC", "", ""]


def test_a_smi_header_is_left_out(library):
    assert smiles_of(library("a.smi", "SMILES\tID\nCC\t1\n")) == ["CC"]


def test_quoted_fields_hold_delimiters_quotes_and_line_breaks(library):
    text = 'name,smiles\n"1,2-""di""\nmethyl\r\nthing",CC\nplain,CCC\n'
    records = list(read_records(library("a.csv", text)))
    assert records[0].fields["name"] == '1,2-"di"\nmethyl\r\nthing'
    assert [(r.row, r.smiles) for r in records] == [(0, "CC"), (1, "CCC")]


def test_bad_rows_are_rejected_alone(library):
    rows = [b"CC,1", b"CC", b"CC,1,2", b"C\0C,1", b"CC,\xb5", b"C" * 200_000 + b",1", b"CCC,2,,", b"CCCC,\xc3\xa9"]
    found = list(read_records(library("a.csv", b"smiles,x\n" + b"\n".join(rows))))
    assert [item.row for item in found] == list(range(8))
    assert [(item.row, item.reason) for item in found if isinstance(item, Rejected)] == [
        (1, "1 field where the header has 2"),
        (2, "3 fields where the header has 2"),
        (3, "the row holds a NUL byte"),
        (4, "the row is not UTF-8 text"),
        (5, "unreadable row: field larger than field limit (131072)"),
    ]
    assert [item.smiles for item in found if isinstance(item, Record)] == ["CC", "CCC", "CCCC"]


def test_bad_lines_of_a_smi_file_are_rejected_alone(library):
    found = list(read_records(library("a.smi", b"CC\nC\0C\nCCC \xb5g\n" + b"C" * 1_000_000 + b" long\nC")))
    assert [type(item) for item in found] == [Record, Rejected, Rejected, Record, Record]
    assert found[3].id == "long"


def test_a_stray_quote_that_closes_later_is_rejected_and_says_how_much_it_took(library):
    found = list(read_records(library("a.csv", 'smiles,x\nCC,1\n"CCC,2\n' + "O,2\n" * 10 + 'N,"\nC,3\n')))
    assert [item.smiles for item in found if isinstance(item, Record)] == ["CC", "C"]
    assert found[1].reason == "1 field (12 lines, in quotes) where the header has 2"


def test_a_quote_that_never_closes_is_refused(library):
    path = library("a.csv", 'smiles,x\nCC,1\n"CCC,2\n' + "O,2\n" * 10)
    with pytest.raises(InputError, match=r"a\.csv: line 3 opens a quoted field that is not closed"):
        smiles_of(path)


def test_a_quote_that_swallows_much_is_refused(library):
    with pytest.raises(InputError, match=r"a\.csv: line 3 opens a quoted field"):
        smiles_of(library("a.csv", 'smiles,x\nCC,1\nC,"CC\n' + "O,2\n" * 100_000))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", r"no header: the file is empty"),
        ("a.csv", "smiles\nCC\n".encode("utf-16"), r"UTF-16 text"),
        ("a.csv", b"smiles,\xb5\nCC,1\n", r"the header is not UTF-8 text"),
        ("a.xlsx", b"PK", r"unknown kind of file; molq reads \.csv \.tsv \.smi"),
        ("a.parquet.gz", b"", r"unknown kind of file"),
        ("noending", b"", r"unknown kind of file"),
        ("a.smi", b"C" * (17 << 20), r"line 1 has more than 16,777,216 characters"),
        ("a.parquet", b"PAR1 no", r"not a readable Parquet file"),
    ],
)
def test_unusable_files(library, name, content, message):
    path = library(name, content)
    with pytest.raises(InputError, match=message) as caught:
        smiles_of(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.smi: No such file"):
        smiles_of(tmp_path / "nothing.smi")


def test_a_truncated_gzip_names_the_row(library):
    path = library("a.smi.gz", "\n".join(f"{'C' * (i % 60 + 1)} m{i * 7919 % 100003}" for i in range(50_000)))
    path.write_bytes(path.read_bytes()[:-2000])
    found = []
    with pytest.raises(InputError, match=r"a\.smi\.gz: the gzip data end in the middle, at row (\d+)") as caught:
        found.extend(read_records(path))
    assert str(caught.value).endswith(f"row {len(found)}")
    assert len(found) > 10_000


@pytest.mark.parametrize("damage", [20, 4000])
def test_damaged_gzip_is_refused(library, damage):
    path = library("a.smi.gz", "\n".join(f"CCO m{i * 7919 % 100003}" for i in range(5_000)))
    data = bytearray(path.read_bytes())
    data[damage : damage + 50] = bytes(50)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.smi\.gz"):
        smiles_of(path)


def test_gzip_is_known_by_its_content(library):
    path = library("a.smi", gzip.compress(b"CC\nCCC\n"))
    assert smiles_of(path) == ["CC", "CCC"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CC one\nCCC two\n", ["CC", "CCC"]),
        ("smiles\nCC\n\nCCC\n", ["CC", "CCC"]),
        ("name,smiles\none,CC\ntwo,CCC\n", ["CC", "CCC"]),
        ("name\tSMILES\none\tCC\ntwo\tCCC\n", ["CC", "CCC"]),
        ("", []),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_stdin_tells_its_kind(text, expected, zipped):
    code = "from molq.records.records import read_records; print([r.smiles for r in read_records('-')])"
    data = gzip.compress(text.encode()) if zipped else text.encode()
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == str(expected)


def test_stdin_without_bytes_beneath(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("CC\nCCC\n"))
    assert [r.smiles for r in read_records("-")] == ["CC", "CCC"]


@pytest.mark.parametrize("kind", ["csv", "smi"])
def test_memory_does_not_grow_with_the_file(tmp_path, kind):
    def peak(n_rows):
        path = tmp_path / f"{n_rows}.{kind}"
        with path.open("w") as stream:
            stream.write("smiles,x\n" if kind == "csv" else "")
            stream.writelines(f"CCCCCCCCCC,{i}\n" if kind == "csv" else f"CCCCCCCCCC {i}\n" for i in range(n_rows))
        tracemalloc.start()
        assert sum(1 for _ in read_records(path)) == n_rows
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(40_000) < peak(2_000) + 2_000_000


def test_reading_is_lazy(library):
    path = library("a.csv", "smiles,x\n" + "CC,1\n" * 1000 + '"open')
    assert len(list(itertools.islice(read_records(path), 1000))) == 1000


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=8))
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "smiles", "note"), *rows])
    records = list(read_records(path))
    assert [tuple(r.fields.values()) for r in records] == rows
    assert [r.smiles for r in records] == [smiles.strip() for _, smiles, _ in rows]

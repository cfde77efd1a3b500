import time

import pytest
from anything import plain_judge

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import Source
from molq.records.input.stream import ByteStream
from molq.records.text.look import look_at_text


def look(text, format=None, **wanted):
    source = Source("a", None, format, text if isinstance(text, bytes) else text.encode())
    stream = ByteStream(source)
    stream.decode_text()
    return look_at_text(stream, source, Wanted(**wanted), plain_judge)


def dialect(text, **options):
    layout = look(text, **options).layout
    return layout.format, layout.delimiter, layout.quoted, layout.smiles, layout.id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smiles,id\nCC,a\n", ("delimited", ",", True, 0, 1)),
        ("id;smiles\na;CC\n", ("delimited", ";", True, 1, 0)),
        ("smiles|id\nCC|a\n", ("delimited", "|", True, 0, 1)),
        ("smiles\tid\nCC\ta\n", ("delimited", "\t", False, 0, 1)),
        ('"smiles"\t"id"\n"CC"\t"a"\n', ("delimited", "\t", True, 0, 1)),
        ('smiles\tid\nCC\t"two\nlines"\nCO\tb\n', ("delimited", "\t", True, 0, 1)),
        ('smiles\tid\nCC\t"alpha\nCO\tb"\n', ("delimited", "\t", False, 0, 1)),
        ("sep=;\nsmiles;id\nCC;a\n", ("delimited", ";", True, 0, 1)),
        ("CC a\nCO b\n", ("spaced", "", False, 0, 1)),
        ("CC\nCO\n", ("spaced", "", False, 0, None)),
        ("smiles\nCC\n", ("spaced", "", False, 0, None)),
        ("SMILES Name\nCC a\n", ("spaced", "", False, 0, 1)),
        ("ID SMILES\nx CC\n", ("spaced", "", False, 1, 0)),
        ("x1\tCC(=O)N\nx2\tCO\n", ("spaced", "\t", False, 1, 0)),
        ("CC\tethyl alcohol\nCO\tb\n", ("spaced", "\t", False, 0, 1)),
        ("Canonical SMILES\nCC\nCO\n", ("delimited", ",", True, 0, None)),
        ("CC 1,2-ethane\nCO 1,3-x\n", ("spaced", "", False, 0, 1)),
        ("CC=CC |c:1,2| a\nCO b\n", ("spaced", "", False, 0, 1)),
    ],
)
def test_the_dialect_is_told_by_the_first_rows(text, expected):
    assert dialect(text) == expected


@pytest.mark.parametrize(
    ("before", "n_comments"), [("", 0), ("\n \n", 0), ("# made by x\n", 1), ("# a\n#b\n\n", 2), ("\n# a\n", 1)]
)
@pytest.mark.parametrize("body", ["smiles,id\nCC,a\n", "CC a\nCO b\n"])
def test_what_stands_before_the_rows_is_left_out_and_comments_are_said(before, n_comments, body):
    found = look(before + body)
    assert found.start == len(before) + (10 if body.startswith("smiles") else 0)
    assert found.notes == ([f"a: {n_comments} comment lines before the first row are left out"] if n_comments else [])


@pytest.mark.parametrize("header", ["#smiles,id", "# SMILES,ID", "#,smiles,id"])
def test_a_header_after_a_hash(header):
    width = header.count(",")
    assert look(f"{header}\n" + ",".join(["1", "CC", "a"][-width - 1 :]) + "\n").layout.id == width


def test_the_caller_says_what_cannot_be_known():
    assert dialect("CC\nCO\n", format="csv") == ("delimited", ",", True, 0, None)
    assert dialect("a b\nCC\n", format="smi")[0] == "spaced"
    assert dialect("smiles,a\tid\nCC\tx\n", format="tsv")[1] == "\t"
    assert dialect("x CC\ny CO\n", smiles_column="2") == ("spaced", "", False, 1, 0)
    assert dialect("x CC\ny CO\n", smiles_column="1", id_column="2")[3:] == (0, 1)
    assert dialect("a\tb c\nx\tCC\n", smiles_column="B C")[1:4] == ("\t", False, 1)


@pytest.mark.parametrize("text", ["", "\n\n", " \n\t", "# nothing\n", "sep=;\n"])
def test_an_empty_text(text):
    with pytest.raises(InputError, match="a: the file is empty"):
        look(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,mass\nethane,30.07\n", "none of the columns 'name', 'mass' is a SMILES column"),
        ("hello\nworld you\n", "no column holds SMILES; it begins 'hello'"),
    ],
)
def test_a_text_without_smiles(text, message):
    with pytest.raises(InputError, match=message):
        look(text)


def test_columns_are_found_among_very_many():
    names = ",".join(f"d{i}" for i in range(50_000))
    found = look(f"{names},SMILES\n" + "0," * 50_000 + "CC\n")
    assert found.layout.smiles == 50_000


def test_names_are_kept_for_those_who_ask():
    assert look("id,smiles,IC50 (µM)\na,CC,1\n".encode("cp1252")).layout.names == ("id", "smiles", "IC50 (µM)")


def test_blank_lines_before_the_header_are_passed_over():
    found = look(b"\n" * 1_000_000 + b"  \nsmiles,id\nCC,a\n")
    assert (found.layout.names, found.start) == (("smiles", "id"), 1_000_000 + 3 + 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\n" * (70 << 20) + b"smiles\nCC\n", "it begins with 64 MiB of blank lines; take them out"),
        (b"#\n" * 20_000 + b"smiles\nCC\n", "it begins with more than 10,000 lines of comments"),
        (b"x" * (70 << 20), "line 1 is longer than 16 MiB"),
        (b"\n\n" + b"C," * (9 << 20) + b"\nCC\n", "line 3 is longer than 16 MiB"),
        (
            b"smiles" + b"," * 2_000_000 + b"\nCC\n",
            "its header has 2,000,001 cells, and a table may have 1,000,000 columns",
        ),
    ],
)
def test_a_text_that_begins_without_end_is_refused_at_once(text, message):
    start = time.process_time()
    with pytest.raises(InputError, match=message):
        look(text)
    assert time.process_time() - start < 5


def test_the_time_for_a_header_grows_with_its_length():
    def seconds(n):
        text = "smiles,name" + "," * n + "\n" + "CC,a\n" * 300
        return min(timed(lambda: look(text)) for _ in range(3))

    assert seconds(80_000) < 40 * seconds(8_000) + 0.05


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def test_a_look_at_huge_rows_takes_two_of_them_and_judges_the_beginnings_of_cells():
    text = b"molecule,id\n" + b"".join(b"C" * (5 << 20) + b",m%d\n" % row for row in range(12))
    source, peeked, judged = Source("a", None, None, text), [], []

    class Watched(ByteStream):
        def peek(self, n_bytes):
            peeked.append(n_bytes)
            return super().peek(n_bytes)

    def judge(texts):
        judged.extend(map(len, texts))
        return plain_judge(texts)

    layout = look_at_text(Watched(source), source, Wanted(), judge).layout
    assert (layout.smiles, layout.id, layout.names) == (0, 1, ("molecule", "id"))
    assert max(peeked) == 16 << 20
    assert max(judged, default=0) <= 4096

import pytest
from anything import BLOCK

from molq.errors import InputError
from molq.records.input.kind import kind_of
from molq.records.input.source import Source, promised
from molq.records.input.stream import ByteStream


def kind(data, name="a", format=None):
    source = Source(name, promised(name), format, data)
    return kind_of(ByteStream(source), source)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"PAR1....", "parquet"),
        (b"ARROW1\0\0", "feather"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx"),
        (BLOCK, "sdf"),
        (BLOCK.replace(b"\n", b"\r\n"), "sdf"),
        (b"\n\n\n" + BLOCK.split(b"\n", 3)[3], "sdf"),
        (b"smiles,id\nCCO,V2000\n", "text"),
        (b'smiles,molblock,id\nCCO,"' + BLOCK + b'",a\n', "text"),
        (b"CCO ENV3000-1\nCC M  END\n", "text"),
        (b"", "text"),
    ],
)
def test_content_decides(data, expected):
    assert kind(data) == expected


def test_the_name_and_the_caller_are_heard():
    assert kind(b"x\n\n\n\n", "a.sdf") == "sdf"
    assert kind(BLOCK, "a.csv", "csv") == "text"
    assert kind(b"x\n\n\n\n", "a", "sdf") == "sdf"
    assert kind(b"PAR1", "a.csv") == "parquet"


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"%PDF-1.4", "copy its table"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b'{"smiles": "CC"}\n', "write the molecules as CSV"),
        (b'[{"smiles": "CC"}]', "JSON is not read"),
        (bytes(257) + b"ustar", "tar -xf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)), "not text"),
        (b"7z\xbc\xaf'\x1c", "unpack it first"),
    ],
)
def test_what_is_not_read_says_what_to_do(data, advice):
    with pytest.raises(InputError, match=advice) as caught:
        kind(data, "library.csv")
    assert str(caught.value).startswith("library.csv: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "label"), [("a.parquet", "Parquet"), ("a.xlsx", "Excel"), ("a.feather", "Feather")])
def test_a_table_that_is_none(name, label):
    with pytest.raises(InputError, match=f"not a readable {label} file"):
        kind(b"smiles\nCC\n", name)

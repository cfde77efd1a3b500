from __future__ import annotations

import gzip

import pytest

from molq.errors import InputError
from molq.server.pool.questions import Read
from molq.server.pool.reading import rows_in_file

BLOCK = """
     RDKit          2D

  2  1  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.0000    0.0000    0.0000 O   0  0
  1  2  1  0
M  END
$$$$
"""


def read(content: bytes, name="molecules", most_rows=100, **more):
    return rows_in_file(Read(name=name, content=content, most_rows=most_rows, **more))


def test_files_of_any_kind_are_read_as_a_screen_reads_them():
    table = b"name,SMILES\naspirin,CC(=O)Oc1ccccc1C(=O)O\nbad,C C\n"
    found = read(table)
    assert found.smiles == ("CC(=O)Oc1ccccc1C(=O)O", "C C")
    assert found.identifiers == ("aspirin", "bad")
    assert any("text after" in note for note in found.notes)
    assert read(gzip.compress(table)) == found
    assert read(("ethanol" + BLOCK).encode()).smiles == ("CO",)
    assert read(b"CCO\nCCN\n", "a.smi").smiles == ("CCO", "CCN")
    assert read(b"x,y\nCCO,1\n", smiles_column="x").smiles == ("CCO",)


def test_no_more_rows_are_read_than_asked_for():
    found = read(b"smiles\n" + b"CCO\n" * 50_000, most_rows=10)
    assert (len(found.smiles), found.is_cut) == (10, True)
    assert found.total >= 16_384


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", b"%PDF-1.7", b"<html></html>", b"\xff" * 50, b'{"a": 1}'])
def test_what_is_no_file_of_molecules_is_an_error(content):
    with pytest.raises(InputError):
        read(content)

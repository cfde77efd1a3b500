import hashlib
import io
import sys
from unittest import mock

import pytest
from anything import BLOCK, in_file, in_memory, plain_judge, read

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import Source
from molq.records.reader import open_source
from molq.records.shard import FilePart
from molq.records.text import reader as module
from molq.remote.retrying import RemoteError


def reader(data, name="a.csv"):
    return open_source(in_memory(data, name), Wanted(), plain_judge)


def test_records_come_as_they_stand_in_the_file():
    found = reader(b"# note\n\nsmiles,id\r\nCC,a\r\n\r\nCO,b\r\nCN,c")
    assert found.take(2) == (b"CC,a\r\n\r\nCO,b\r\n", 2)
    assert found.take(2) == (b"CN,c", 1)
    assert found.take(2) == (b"", 0)


def test_rows_are_passed_over():
    found = reader(b"smiles,id\nCC,a\nCO,b\nCN,c\n")
    assert found.skip(2) == 2
    assert found.take(9) == (b"CN,c\n", 1)
    assert reader(b"smiles,id\nCC,a\n").skip(5) == 1


def test_a_file_is_opened_again_for_its_rows(tmp_path):
    source = in_file(b"smiles,id\nCC,a\n", tmp_path)
    found = open_source(source, Wanted(), plain_judge)
    assert found.take(9) == (b"CC,a\n", 1)
    found.close()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'smiles,id\nCC,a\n\nCC,"b\nCO,c\n', "line 4 opens a quoted field that is not closed; close it"),
        (b"smiles,id\nCC,a\nCC," + b"x" * (17 << 20), "line 3 is longer than 16 MiB"),
        (b'smiles,id\nCC,"' + b"x\n" * (9 << 20), "line 2 opens a quoted field"),
    ],
)
def test_a_record_without_end_is_named_by_its_line(data, message):
    assert message in read(in_memory(data, "a.csv"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RemoteError(5, "HTTP status 503"), "cannot be read: HTTP status 503"),
        (PermissionError(13, "the store refuses access"), "cannot be read: the store refuses access"),
        (InputError("a record after byte 9 does not end"), "a record after byte 9 does not end"),
    ],
)
def test_why_a_part_cannot_be_cut_is_told_with_the_file(tmp_path, monkeypatch, error, said):
    found = open_source(in_file(b"smiles,id\nCC,a\nCO,b\nCN,c\n", tmp_path), Wanted(), plain_judge)
    found.keep(FilePart(12, 20, 25, 8))
    monkeypatch.setattr(module.Cuts, "at", mock.Mock(side_effect=error))
    with pytest.raises(InputError, match=rf"/the-bytes: {said}$"):
        found.take(9)
    found.close()


def test_an_sd_record_without_end():
    found = reader(BLOCK + b"x\n" * (9 << 20), "a.sdf")
    with pytest.raises(InputError, match="a record is larger than 16 MiB; is this an SD file"):
        found.take(1)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b" \n"])
def test_blank_lines_cost_neither_memory_nor_rows(end):
    rows = b"smiles,id\nCC,a\n", b"CO,b\n", b"CN,c\n"
    gap = end * (20 << 20)
    data = rows[0] + gap + rows[1] + gap[: 3 << 20] + rows[2] + gap[: 2 << 20]
    found = reader(data)
    taken = []
    while (part := found.take(10))[1]:
        assert len(part[0]) < 4 << 20
        taken += part[0].split()
    assert taken == [b"CC,a", b"CO,b", b"CN,c"]


def test_blank_lines_without_end_are_refused():
    found = reader(b"smiles,id\nCC,a\n" + b"\n" * (70 << 20) + b"CO,b\n")
    assert found.take(10) == (b"CC,a\n", 1)
    with pytest.raises(InputError, match=r"a\.csv: more than 64 MiB of blank lines in a row"):
        found.take(10)


def test_what_was_read_of_a_stream_has_one_hash_however_it_came(monkeypatch):
    data = b"smiles,id\nCC,a\n" + b"\n" * 5000 + b"CO,b\n" + b"\n" * 5000
    hashes = set()
    for block_bytes in (1, 7, 64, 1 << 20):
        monkeypatch.setattr(module, "_BLOCK_BYTES", block_bytes)
        with mock.patch.object(sys, "stdin", mock.Mock(buffer=io.BytesIO(data))):
            found = open_source(Source("-"), Wanted(), plain_judge)
            n_rows = 0
            while taken := found.take(1)[1]:
                n_rows += taken
        assert n_rows == 2
        hashes.add(found.digest())
    assert hashes == {hashlib.sha256(data[data.index(b"CC") : data.index(b"CO,b\n") + 5]).hexdigest()}

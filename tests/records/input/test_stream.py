import bz2
import codecs
import gzip
import io
import lzma
import sys
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from anything import Pipe

from molq.errors import InputError
from molq.records.input.source import Source
from molq.records.input.stream import ByteStream

TEXT = "smiles,id\n" + "".join(f"{'C' * (i % 60 + 1)},m{i * 7919 % 100003}\n" for i in range(20_000))
PACKED = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}


def all_of(stream, step=1000):
    parts = []
    while part := stream.read(step):
        assert len(part) <= step
        parts.append(part)
    stream.close()
    return b"".join(parts)


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("layers", [1, 2])
def test_compressed_bytes_come_plain(kind, layers):
    data = TEXT.encode()
    for _ in range(layers):
        data = PACKED[kind](data)
    assert all_of(ByteStream(Source("a", data=data))) == TEXT.encode()
    piped = io.BufferedReader(Pipe(data, 999))
    with mock.patch.object(sys, "stdin", mock.Mock(buffer=piped)):
        assert all_of(ByteStream(Source("-"))) == TEXT.encode()


def test_a_look_ahead_takes_nothing():
    stream = ByteStream(Source("a", data=b"abcdef"))
    assert [stream.peek(2), stream.peek(9), stream.read(3), stream.peek(1)] == [b"ab", b"abcdef", b"abc", b"d"]
    assert all_of(stream) == b"def"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_comes_as_utf8_without_a_mark(encoding):
    text = "smiles,name\nCCO,éthanol\n" * 3000
    stream = ByteStream(Source("a", data=text.encode(encoding)))
    stream.decode_text()
    assert all_of(stream) == text.encode()


def test_half_a_character_at_the_end_is_not_lost():
    stream = ByteStream(Source("a", data=codecs.BOM_UTF16_LE + "CC\n".encode("utf-16-le") + b"C"))
    stream.decode_text()
    assert all_of(stream).startswith(b"CC\n")


@pytest.mark.parametrize("kind", PACKED)
def test_cut_data_are_said_to_end_in_the_middle(kind):
    data = PACKED[kind](TEXT.encode())
    with pytest.raises(InputError, match=rf"a: the {kind} data end in the middle, after line \d+"):
        all_of(ByteStream(Source("a", data=data[: len(data) // 2])))


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd"])
def test_damaged_data_are_refused(kind):
    data = bytearray(PACKED[kind](TEXT.encode()))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    with pytest.raises(InputError, match="a: "):
        all_of(ByteStream(Source("a", data=bytes(data))))


def test_standard_input_without_bytes_beneath():
    with mock.patch.object(sys, "stdin", io.StringIO("CCé\n")):
        assert all_of(ByteStream(Source("-"))) == "CCé\n".encode()


def test_a_file_that_cannot_be_opened(tmp_path):
    with pytest.raises(InputError, match="nothing: No such file"):
        ByteStream(Source(str(tmp_path / "nothing")))


@pytest.mark.parametrize("packed", [False, True])
def test_all_bytes_to_read_at_random(packed):
    data = gzip.compress(TEXT.encode()) if packed else TEXT.encode()
    stream = ByteStream(Source("a", data=data))
    stream.peek(10)
    file = stream.seekable()
    file.seek(7)
    assert file.read(2) == b"id"


def test_what_must_be_whole_in_memory_is_bounded(monkeypatch):
    from molq.records.input import compression
    from molq.records.input import stream as module

    table = io.BytesIO()
    pq.write_table(pa.table({"smiles": [str(i) for i in range(300_000)]}), table, compression="none")
    packed = gzip.compress(table.getvalue(), 1)
    assert len(ByteStream(Source("a", data=packed)).seekable().read()) == len(table.getvalue())
    monkeypatch.setattr(module, "MAX_HELD_BYTES", 1 << 20)
    with pytest.raises(InputError, match="a: a table in it is larger than 1 MiB, which is the most that is unpacked"):
        ByteStream(Source("a", data=packed)).seekable()
    monkeypatch.setattr(compression, "MAX_HELD_BYTES", 10)
    piped = io.BufferedReader(Pipe(b"PK\x03\x04" + bytes(100), 99))
    with (
        mock.patch.object(sys, "stdin", mock.Mock(buffer=piped)),
        pytest.raises(InputError, match="standard input: a zip archive of more than"),
    ):
        ByteStream(Source("-"))

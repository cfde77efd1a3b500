import bz2
import gzip
import io
import lzma
import zipfile

import pyarrow as pa
import pytest

from molq.errors import InputError
from molq.records.input import compression as module
from molq.records.input.compression import compression_of, decompressed

TEXT = b"CCO e\n" * 1000


def zipped(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


KINDS = {
    "gzip": gzip.compress(TEXT),
    "bz2": bz2.compress(TEXT),
    "xz": lzma.compress(TEXT),
    "zstd": pa.compress(TEXT, codec="zstd", asbytes=True),
    "zip": zipped(("a/b.smi", TEXT), ("__MACOSX/a/._b.smi", b"x"), ("a/.DS_Store", b"x")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_known_by_its_first_bytes_and_read(kind):
    assert compression_of(KINDS[kind]) == kind
    assert decompressed(io.BytesIO(KINDS[kind]), kind, "a").read() == TEXT


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd"])
def test_parts_one_after_the_other(kind):
    assert decompressed(io.BytesIO(KINDS[kind] * 2), kind, "a").read() == TEXT * 2


@pytest.mark.parametrize("head", [b"", b"BZhello", b"smiles,id\n", b"PAR1", b"\x1f", b"BZh is a name\n"])
def test_plain_bytes(head):
    assert compression_of(head) is None


def test_archives_of_none_or_many_files_name_them():
    with pytest.raises(InputError, match=r"a: a zip archive of 2 files \(x.csv, y.csv\); unpack it"):
        decompressed(io.BytesIO(zipped(("x.csv", ""), ("y.csv", ""))), "zip", "a")
    with pytest.raises(InputError, match=r"0 files \(none\)"):
        decompressed(io.BytesIO(zipped(("folder/", ""))), "zip", "a")


def test_a_workbook_stays_as_it_is():
    data = zipped(("[Content_Types].xml", ""), ("xl/workbook.xml", ""))
    assert decompressed(io.BytesIO(data), "zip", "a").read() == data


def test_a_damaged_archive():
    with pytest.raises(InputError, match="damaged zip archive"):
        decompressed(io.BytesIO(KINDS["zip"][:-30]), "zip", "a")


def test_padding_between_streams_of_xz_is_passed_over():
    padded = io.BytesIO(KINDS["xz"] + bytes(8) + KINDS["xz"] + bytes(4))
    assert decompressed(padded, "xz", "a").read() == TEXT * 2


def test_xz_that_ends_in_the_middle():
    with pytest.raises(EOFError):
        decompressed(io.BytesIO(KINDS["xz"][:-20]), "xz", "a").read()


def test_xz_is_refused_what_memory_no_preset_asks_for(monkeypatch):
    monkeypatch.setattr(module, "MAX_DECODER_BYTES", 1 << 20)
    with pytest.raises(lzma.LZMAError, match="it asks for more than 1 MiB of memory"):
        decompressed(io.BytesIO(KINDS["xz"]), "xz", "a").read()

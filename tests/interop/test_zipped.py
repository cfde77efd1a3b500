"""The zip of torch is read whole or refused, and no trick of zips costs time or memory."""

import pickle
import zipfile

import pytest

from molq.errors import CheckpointError
from molq.interop import zipped as module
from molq.interop.archive import TorchArchive


def test_torchscript_is_refused(archive, script, refused):
    code = script().name("__torch__.model", "Net").call().stop()
    refused(archive(code), r"__torch__\.model\.Net")
    refused(archive(code, extra=[("model/constants.pkl", b"")]), "TorchScript archive")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(archive, refused):
    bomb = archive(pickle.dumps({}, 2), {"0": bytes(50_000_000)}, compression=zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 100_000
    refused(bomb, "compressed")


def test_entries_that_share_their_bytes_are_refused(archive, refused):
    """The other zip bomb: many entries in the directory, one content."""
    path = archive(pickle.dumps({}, 2), {"0": bytes(1000)})
    with zipfile.ZipFile(path, "a") as file:
        for i in range(200):
            twin = zipfile.ZipInfo(f"model/data/{i + 1}")
            twin.file_size = twin.compress_size = 1000
            twin.header_offset = file.getinfo("model/data/0").header_offset
            twin.CRC = file.getinfo("model/data/0").CRC
            file.filelist.append(twin)
        file._didModify = True
    refused(path, "claims [0-9,]+ bytes of content")


def test_strange_zips_are_refused(archive, monkeypatch, refused):
    ok = pickle.dumps({}, 2)
    refused(archive(ok, extra=[("other/data.pkl", ok)]), "2 data.pkl")
    refused(archive(ok, extra=[("deep/er/data.pkl", ok)], name="deep.pt", byteorder="big"), "big-endian")
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = archive(ok, extra=[("model/data.pkl", ok)])
    refused(twice, "two entries of one name")
    path = archive(ok)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/version", "3")
    refused(path, r"a zip of other things \('model/version'\)")
    monkeypatch.setattr(module, "MAX_PICKLE_BYTES", 10)
    refused(archive(pickle.dumps("x" * 100, 2)), "at most|more than")


def test_encrypted_entries_are_refused(archive, refused):
    path = archive(pickle.dumps({}, 2))
    raw = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + place] |= 1
    path.write_bytes(raw)
    refused(path, "encrypted")


@pytest.mark.parametrize("content", [None, bytes(12), bytes(20)])
def test_a_storage_of_another_size_is_refused(archive, script, content):
    path = archive(script().tensor((4,), (1,)).stop(), {} if content is None else {"0": content})
    with TorchArchive(path) as opened, pytest.raises(CheckpointError, match=r"model/data/0"):
        opened.array(opened.root)

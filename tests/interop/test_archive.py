import os
import pickle
import re
import zipfile

import numpy as np
import pytest
import torch

from molq.errors import CheckpointError
from molq.interop import archive as module
from molq.interop.archive import TorchArchive


def refused(path, *words):
    with pytest.raises(CheckpointError) as caught, TorchArchive(path):
        pass
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    for word in words:
        assert re.search(word, message), message


@pytest.mark.parametrize(
    "dtype",
    [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8, torch.bool],
)
def test_tensors_equal_torchs(tmp_path, dtype):
    base = (torch.arange(24).reshape(4, 6) % 2 if dtype is torch.bool else torch.arange(24).reshape(4, 6)).to(dtype)
    tensors = {"whole": base, "transposed": base.T, "part": base[1:3, 2:5], "scalar": base[1, 1], "none": base[:0]}
    torch.save(tensors, tmp_path / "t.pt")
    with TorchArchive(tmp_path / "t.pt") as archive:
        for name, tensor in tensors.items():
            expected = (tensor.float() if dtype is torch.bfloat16 else tensor).numpy()
            found = archive.array(archive.root[name])
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_pickle_protocol_of_torch_is_read(tmp_path, protocol):
    torch.save({"w": torch.ones(3)}, tmp_path / "t.pt", pickle_protocol=protocol)
    with TorchArchive(tmp_path / "t.pt") as archive:
        np.testing.assert_array_equal(archive.array(archive.root["w"]), np.ones(3, np.float32))


def test_os_system_inside_a_checkpoint_is_refused_by_name(tmp_path):
    sentinel = tmp_path / "sentinel"

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {sentinel}",)

    torch.save({"hyper_parameters": {"x": [(Evil(),)]}, "state_dict": {}}, tmp_path / "evil.pt")
    refused(tmp_path / "evil.pt", r"posix\.system", "nothing of the file was run")
    assert not sentinel.exists()


def test_torchscript_is_refused(tmp_path, archive, script):
    refused(archive(script().name("__torch__.model", "Net").call().stop()), r"__torch__\.model\.Net")


def test_no_zip_no_file_no_right(tmp_path):
    (tmp_path / "text.pt").write_text("hello")
    refused(tmp_path / "text.pt", "no complete zip")
    torch.save({"w": torch.ones(3)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    refused(tmp_path / "old.pt", "no complete zip")
    (tmp_path / "empty.pt").touch()
    refused(tmp_path / "empty.pt", "no complete zip")
    refused(tmp_path / "absent.pt", "no such file")
    refused(tmp_path, "a directory, not a file")


def test_every_truncation_is_refused(tmp_path):
    torch.save({"w": torch.ones(3)}, tmp_path / "t.pt")
    whole = (tmp_path / "t.pt").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "cut.pt").write_bytes(whole[:length])
        refused(tmp_path / "cut.pt")


def test_flipped_bytes_give_the_same_tensors_or_an_error(tmp_path):
    torch.save({"w": torch.arange(100.0)}, tmp_path / "t.pt")
    whole = bytearray((tmp_path / "t.pt").read_bytes())
    for place in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        (tmp_path / "damaged.pt").write_bytes(damaged)
        try:
            with TorchArchive(tmp_path / "damaged.pt") as archive:
                np.testing.assert_array_equal(archive.array(archive.root["w"]), np.arange(100.0))
        except CheckpointError:
            pass


def test_a_zip_bomb_is_refused_before_it_is_unpacked(archive):
    bomb = archive(pickle.dumps({}, 2), {"0": bytes(50_000_000)}, compression=zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 100_000
    refused(bomb, "compressed")


def test_entries_that_share_their_bytes_are_refused(archive):
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


def test_strange_zips_are_refused(archive, monkeypatch):
    ok = pickle.dumps({}, 2)
    refused(archive(ok, extra=[("other/data.pkl", ok)]), "2 data.pkl")
    refused(archive(ok, extra=[("deep/er/data.pkl", ok)], name="deep.pt", byteorder="big"), "big-endian")
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = archive(ok, extra=[("model/data.pkl", ok)])
    refused(twice, "two entries of one name")
    path = archive(ok)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/version", "3")
    refused(path, "0 data.pkl")
    monkeypatch.setattr(module, "MAX_PICKLE_BYTES", 10)
    refused(archive(pickle.dumps("x" * 100, 2)), "at most|more than")


def test_encrypted_entries_are_refused(archive):
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


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.pt")
    refused(tmp_path / "pipe.pt", "a pipe, not a file; save what it holds")


def test_views_of_one_storage_may_not_outgrow_the_file(archive, script):
    """Each view is small enough for its storage; together they would fill any memory."""
    numbers = np.arange(10_000, dtype=np.float32).tobytes()
    path = archive(script().tensor((100, 100), (100, 1), numel=10_000).stop(), {"0": numbers})
    with TorchArchive(path) as opened:
        assert opened.array(opened.root).shape == (100, 100)
        for _ in range(3):
            opened.array(opened.root)
        with pytest.raises(CheckpointError, match="share their numbers so often"):
            opened.array(opened.root)

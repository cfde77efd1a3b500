import os

import numpy as np
import pytest
import torch

from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive


@pytest.mark.parametrize(
    "dtype",
    [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8, torch.bool],
)
@pytest.mark.parametrize("is_zip", [True, False])
def test_tensors_equal_torchs(tmp_path, dtype, is_zip):
    base = (torch.arange(24).reshape(4, 6) % 2 if dtype is torch.bool else torch.arange(24).reshape(4, 6)).to(dtype)
    tensors = {"whole": base, "transposed": base.T, "part": base[1:3, 2:5], "scalar": base[1, 1], "none": base[:0]}
    torch.save(tensors, tmp_path / "t.pt", _use_new_zipfile_serialization=is_zip)
    with TorchArchive(tmp_path / "t.pt") as archive:
        for name, tensor in tensors.items():
            expected = (tensor.float() if dtype is torch.bfloat16 else tensor).numpy()
            found = archive.array(archive.root[name])
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("is_zip", [True, False])
def test_every_pickle_protocol_of_torch_is_read(tmp_path, protocol, is_zip):
    torch.save({"w": torch.ones(3)}, tmp_path / "t.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=is_zip)
    with TorchArchive(tmp_path / "t.pt") as archive:
        np.testing.assert_array_equal(archive.array(archive.root["w"]), np.ones(3, np.float32))


@pytest.mark.parametrize("is_zip", [True, False])
def test_os_system_inside_a_checkpoint_is_refused_by_name(tmp_path, is_zip, refused):
    sentinel = tmp_path / "sentinel"

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {sentinel}",)

    hostile = {"hyper_parameters": {"x": [(Evil(),)]}, "state_dict": {}}
    torch.save(hostile, tmp_path / "evil.pt", _use_new_zipfile_serialization=is_zip)
    refused(tmp_path / "evil.pt", r"posix\.system", "nothing of the file was run")
    assert not sentinel.exists()


def test_what_is_no_file_of_torch_is_refused(tmp_path, refused):
    (tmp_path / "text.pt").write_text("hello")
    refused(tmp_path / "text.pt", "text file")
    (tmp_path / "empty.pt").touch()
    refused(tmp_path / "empty.pt", "it is empty")
    refused(tmp_path / "absent.pt", "no such file")
    refused(tmp_path, "a directory, not a file")


def test_a_whole_module_is_refused_in_words(tmp_path, refused):
    """Which classes a module is of is for torch to import, and importing is running code."""
    from torch.optim.lr_scheduler import LinearLR

    network = torch.nn.Sequential(torch.nn.Linear(2, 2))
    for is_zip in (True, False):
        torch.save(network, tmp_path / "whole.pt", _use_new_zipfile_serialization=is_zip)
        refused(tmp_path / "whole.pt", r"it holds a pickled torch\.nn\.modules\.container\.Sequential", "save_model")
    optimizer = torch.optim.SGD(network.parameters())
    torch.save({"scheduler": LinearLR(optimizer)}, tmp_path / "part.pt")
    refused(tmp_path / "part.pt", r"it asks for torch\.optim\.lr_scheduler\.LinearLR")


@pytest.mark.parametrize("is_zip", [True, False])
def test_every_truncation_is_refused(tmp_path, is_zip, refused):
    torch.save({"w": torch.ones(3)}, tmp_path / "t.pt", _use_new_zipfile_serialization=is_zip)
    whole = (tmp_path / "t.pt").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "cut.pt").write_bytes(whole[:length])
        refused(tmp_path / "cut.pt")


@pytest.mark.parametrize("is_zip", [True, False])
def test_flipped_bytes_give_the_same_tensors_or_an_error(tmp_path, is_zip):
    """The older format has no checksums, so a flipped number may pass; nothing else may."""
    torch.save({"w": torch.arange(100.0)}, tmp_path / "t.pt", _use_new_zipfile_serialization=is_zip)
    whole = bytearray((tmp_path / "t.pt").read_bytes())
    for place in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        (tmp_path / "damaged.pt").write_bytes(damaged)
        try:
            with TorchArchive(tmp_path / "damaged.pt") as archive:
                (ref,) = archive.root.values()
                found = archive.array(ref)
        except CheckpointError:
            continue
        if found.dtype == np.float32:
            assert (found != np.arange(found.size)).sum() <= (0 if is_zip else 1)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path, refused):
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

"""The format of torch before 1.6: sizes are those of the file, whatever its pickles say."""

import pickle

import numpy as np
import pytest
import torch

from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive
from molq.interop.legacy import is_legacy

MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
SYSTEM = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
NUMBERS = np.arange(4, dtype="<f4").tobytes()


@pytest.fixture
def legacy(tmp_path, script):
    """Writes a file of the format: legacy(pickle of the root, keys, [(count, bytes)])."""

    def write(root=None, keys=("0",), storages=((4, NUMBERS),), system=SYSTEM):
        root = script().tensor((4,), (1,)).stop() if root is None else root
        content = [MAGIC, pickle.dumps(1001, 2), pickle.dumps(system, 2), root]
        content.append(keys if isinstance(keys, bytes) else pickle.dumps(list(keys), 2))
        content += [count.to_bytes(8, "little") + data for count, data in storages]
        (tmp_path / "old.pt").write_bytes(b"".join(content))
        return tmp_path / "old.pt"

    return write


def test_the_format_is_known_by_its_magic_number(tmp_path):
    torch.save({"w": torch.ones(3)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert is_legacy((tmp_path / "old.pt").read_bytes()[:32])
    torch.save({"w": torch.ones(3)}, tmp_path / "new.pt")
    assert not is_legacy((tmp_path / "new.pt").read_bytes()[:32])


def test_a_file_written_by_hand_is_read(legacy):
    with TorchArchive(legacy()) as archive:
        assert archive.array(archive.root).tolist() == [0, 1, 2, 3]


def test_storages_stand_in_the_order_of_their_list(tmp_path):
    tensors = {name: torch.full((n,), float(n)) for name, n in (("a", 3), ("b", 1), ("c", 7))}
    tensors["half"] = torch.ones(5, dtype=torch.bfloat16)
    tensors["view"] = tensors["c"][2:4]
    torch.save(tensors, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    with TorchArchive(tmp_path / "old.pt") as archive:
        for name, tensor in tensors.items():
            assert archive.array(archive.root[name]).tolist() == tensor.tolist()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"system": {**SYSTEM, "little_endian": False}}, "big-endian"),
        ({"keys": ("1",)}, "names one that no tensor has"),
        ({"keys": (("0",),)}, "names one that no tensor has"),
        ({"keys": ("0", "0")}, "list of storages is damaged"),
        ({"keys": pickle.dumps("0", 2)}, "list of storages is damaged"),
        ({"storages": ()}, "cut short"),
        ({"storages": ((3, NUMBERS),)}, "not of the size that its tensors state"),
        ({"storages": ((2**62, NUMBERS),)}, "not of the size that its tensors state"),
        ({"storages": ((4, NUMBERS[:-1]),)}, "cut short"),
        ({"root": pickle.dumps("x" * 100, 2)[:-1]}, "damaged"),
    ],
)
def test_what_contradicts_itself_is_refused(legacy, refused, changes, words):
    refused(legacy(**changes), words)


def test_a_storage_that_is_not_listed_is_missing(legacy):
    with TorchArchive(legacy(keys=(), storages=())) as archive, pytest.raises(CheckpointError, match="0 is missing"):
        archive.array(archive.root)


def test_a_claim_of_endless_numbers_takes_no_memory(legacy, refused, script):
    root = script().tensor((2**30,), (1,), numel=2**30).stop()
    refused(legacy(root, storages=((2**30, NUMBERS),)), "cut short")


def test_a_storage_described_in_two_ways_is_refused(legacy, refused, script):
    root = script().tensor((4,), (1,)).tensor((4,), (1,), kind="DoubleStorage").add(pickle.TUPLE2).stop()
    refused(legacy(root), "described in two ways")


def test_a_part_of_another_storage_is_refused(legacy, refused, script):
    code = script().add(pickle.MARK).text("storage").name("torch", "FloatStorage").text("0").text("cpu").number(4)
    view = code.add(pickle.MARK).text("1").number(0).number(4).add(pickle.TUPLE + pickle.TUPLE + pickle.BINPERSID)
    refused(legacy(view.stop()), "not described as torch does")

import json

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from molq import files
from molq.errors import ModelFileError, OutputError
from molq.store import container
from molq.store.container import read_header, read_tensors, write

METADATA = {"card": {"name": "ü\n", "list": [1, 2.5, None, True]}, "scheme": "int8"}
TENSORS = {
    "a": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "b": torch.tensor([-3, 4], dtype=torch.int8),
    "half": torch.tensor([0.5, 2.0], dtype=torch.float16),
    "brain": torch.tensor([[0.25]], dtype=torch.bfloat16),
    "scalar": torch.tensor(7),
    "none": torch.empty(0, 4),
    "flag": torch.tensor([True, False]),
    "view": torch.arange(12, dtype=torch.float32).reshape(3, 4).T,
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "m.molq"
    write(path, METADATA, TENSORS)
    return path


def read_all(path):
    header = read_header(path)
    return header.metadata, read_tensors(header)


def test_round_trip(path):
    metadata, tensors = read_all(path)
    assert metadata == METADATA
    assert set(tensors) == set(TENSORS)
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype
        assert torch.equal(tensors[name], tensor)


def test_it_is_a_safetensors_file(path):
    with safe_open(path, "pt") as file:
        assert set(file.keys()) == set(TENSORS)
        for name, tensor in TENSORS.items():
            assert torch.equal(file.get_tensor(name), tensor)
        assert list(file.metadata()) == ["molq"]
        assert json.loads(file.metadata()["molq"])["model"] == METADATA


def test_every_tensor_is_aligned(path):
    header = read_header(path)
    for entry in header.entries.values():
        assert (header.data_start + entry.start) % entry.dtype.itemsize == 0


def test_same_content_same_bytes(path, tmp_path):
    shuffled = {name: TENSORS[name].clone() for name in reversed(TENSORS)}
    write(tmp_path / "again.molq", dict(reversed(METADATA.items())), shuffled)
    assert (tmp_path / "again.molq").read_bytes() == path.read_bytes()


def test_the_hash_covers_metadata_names_and_numbers(path, tmp_path):
    other = dict(TENSORS)
    other["renamed"] = other.pop("a")
    changed = TENSORS | {"a": TENSORS["a"] + 1}
    reshaped = TENSORS | {"a": TENSORS["a"].reshape(3, 2)}
    hashes = {read_header(path).content_hash}
    for i, (metadata, tensors) in enumerate(
        [(METADATA | {"scheme": "fp32"}, TENSORS), (METADATA, other), (METADATA, changed), (METADATA, reshaped)]
    ):
        hashes.add(write(tmp_path / f"{i}.molq", metadata, tensors).content_hash)
    assert len(hashes) == 5


def test_every_flipped_bit_is_seen(path):
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        with pytest.raises(ModelFileError) as caught:
            read_all(path)
        assert str(caught.value).startswith(f"{path}: ")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_changed_bytes_are_seen(path, changes):
    write(path, METADATA, TENSORS, force=True)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    for where, value in changes:
        damaged[int(where * len(whole))] = value
    path.write_bytes(damaged)
    if damaged == whole:
        read_all(path)
    else:
        with pytest.raises(ModelFileError):
            read_all(path)


def test_every_truncation_and_any_appendix_is_seen(path):
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError):
            read_all(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(ModelFileError, match="cut or added to"):
        read_all(path)


def test_what_is_no_molq_file(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "x.molq"
    with pytest.raises(ModelFileError, match="no such file"):
        read_header(path)
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_header(tmp_path)
    for content in (b"", b"hello", b"\xff" * 100, b"\x80\x02}." * 10, (5).to_bytes(8, "little") + b"[1,2]"):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=r"not a \.molq file"):
            read_header(path)
    save_file({"a": torch.ones(2)}, path)
    with pytest.raises(ModelFileError, match=r"not a \.molq file"):
        read_header(path)
    torch.save({"a": torch.ones(2)}, path)
    with pytest.raises(ModelFileError, match=r"not a \.molq file"):
        read_header(path)


def spell(path, header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def described(**changes):
    return {"molq": json.dumps({"content_hash": "sha256:0", "format_version": 1, "model": {}} | changes)}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"[" * 100_000, "header cannot be read"),
        (b'{"__metadata__":{"molq":"' + b"[" * 100_000 + b'"}}', "header cannot be read"),
        (b'{"__metadata__":{"molq":"' + b"9" * 10_000 + b'"}}', "header cannot be read"),
        ({"__metadata__": {}}, "header cannot be read"),
        ({"__metadata__": described(model=3)}, "header cannot be read"),
        ({"__metadata__": described(format_version="1")}, "header cannot be read"),
        ({"__metadata__": described(format_version=True)}, "header cannot be read"),
        ({"__metadata__": described(format_version=2)}, "format version 2, and this molq reads 1; upgrade molq"),
        ({"__metadata__": described(format_version=0)}, "format version 0"),
        ({"__metadata__": described(), "a": 3}, "tensor 'a'"),
        ({"__metadata__": described(), "a": {"dtype": "F8", "shape": [0], "data_offsets": [0, 0]}}, "tensor 'a'"),
        (
            {"__metadata__": described(), "a": {"dtype": "F32", "shape": [2**39], "data_offsets": [0, 2**41]}},
            "bytes of tensors where",
        ),
        ({"__metadata__": described(), "a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]}}, "tensor 'a'"),
        ({"__metadata__": described(), "a": {"dtype": "I8", "shape": [2**62] * 8, "data_offsets": [0, 0]}}, "'a'"),
        ({"__metadata__": described(), "a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, "tensor 'a'"),
        (
            b'{"__metadata__":' + json.dumps(described(model={"x": 1e308})).replace("308", "999").encode() + b"}",
            "alter",
        ),
        (b' {"__metadata__":' + json.dumps(described()).encode() + b"}", "altered"),
    ],
)
def test_absurd_headers_are_refused(path, header, words):
    spell(path, header)
    with pytest.raises(ModelFileError, match=words):
        read_header(path)


def test_a_header_longer_than_the_limit_is_not_read(path, monkeypatch):
    monkeypatch.setattr(container, "MAX_HEADER_BYTES", 100)
    with pytest.raises(ModelFileError, match=r"not a \.molq file"):
        read_header(path)


def test_an_existing_file_is_kept_unless_forced(path):
    before = path.read_bytes()
    with pytest.raises(OutputError, match="`force`"):
        write(path, METADATA, {})
    assert path.read_bytes() == before
    write(path, METADATA, {}, force=True)
    assert read_all(path) == (METADATA, {})


def test_a_failed_write_leaves_the_old_file_and_no_other(path, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write(path, METADATA, {}, force=True)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["m.molq"]


def test_an_unwritable_place_is_named(tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        write(tmp_path / "nowhere" / "m.molq", METADATA, TENSORS)

import io
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from molq.errors import ModelFileError
from molq.store import container
from molq.store.container import encode, tensors_of

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


WHOLE = encode(METADATA, TENSORS)


def read_header(blob):
    return container.read_header(io.BytesIO(blob), len(blob), "m.molq")


def read_all(blob):
    header = read_header(blob)
    return header.metadata, tensors_of(blob, header)


def test_round_trip():
    metadata, tensors = read_all(WHOLE)
    assert metadata == METADATA
    assert set(tensors) == set(TENSORS)
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype
        assert torch.equal(tensors[name], tensor)


def test_it_is_a_safetensors_file(tmp_path):
    path = tmp_path / "m.molq"
    path.write_bytes(WHOLE)
    with safe_open(path, "pt") as file:
        assert set(file.keys()) == set(TENSORS)
        for name, tensor in TENSORS.items():
            assert torch.equal(file.get_tensor(name), tensor)
        assert list(file.metadata()) == ["molq"]
        assert json.loads(file.metadata()["molq"])["model"] == METADATA


def test_every_tensor_is_aligned():
    header = read_header(WHOLE)
    for entry in header.entries.values():
        assert (header.data_start + entry.start) % entry.dtype.itemsize == 0


def test_same_content_same_bytes():
    shuffled = {name: TENSORS[name].clone() for name in reversed(TENSORS)}
    assert encode(dict(reversed(METADATA.items())), shuffled) == WHOLE


def test_the_hash_covers_metadata_names_and_numbers():
    other = dict(TENSORS)
    other["renamed"] = other.pop("a")
    changed = TENSORS | {"a": TENSORS["a"] + 1}
    reshaped = TENSORS | {"a": TENSORS["a"].reshape(3, 2)}
    hashes = {read_header(WHOLE).content_hash}
    for metadata, tensors in (
        (METADATA | {"scheme": "fp32"}, TENSORS),
        (METADATA, other),
        (METADATA, changed),
        (METADATA, reshaped),
    ):
        hashes.add(read_header(encode(metadata, tensors)).content_hash)
    assert len(hashes) == 5


def test_every_flipped_bit_is_seen():
    for place in range(len(WHOLE)):
        damaged = bytearray(WHOLE)
        damaged[place] ^= 1 << (place % 8)
        with pytest.raises(ModelFileError) as caught:
            read_all(bytes(damaged))
        assert str(caught.value).startswith("m.molq: ")


@settings(max_examples=300, deadline=None)
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_changed_bytes_are_seen(changes):
    damaged = bytearray(WHOLE)
    for where, value in changes:
        damaged[int(where * len(WHOLE))] = value
    if damaged == WHOLE:
        read_all(bytes(damaged))
    else:
        with pytest.raises(ModelFileError):
            read_all(bytes(damaged))


def test_every_truncation_and_any_appendix_is_seen():
    for length in range(len(WHOLE)):
        with pytest.raises(ModelFileError):
            read_all(WHOLE[:length])
    with pytest.raises(ModelFileError, match="cut or added to"):
        read_all(WHOLE + b"\0")


def test_bytes_other_than_those_of_the_header_are_seen():
    with pytest.raises(ModelFileError, match="damaged or altered"):
        tensors_of(WHOLE[:-1], read_header(WHOLE))


def test_what_is_no_molq_file(tmp_path):
    from safetensors.torch import save_file

    for content in (b"", b"hello", b"\xff" * 100, b"\x80\x02}." * 10, (5).to_bytes(8, "little") + b"[1,2]"):
        with pytest.raises(ModelFileError, match=r"not a \.molq file"):
            read_header(content)
    path = tmp_path / "x.molq"
    save_file({"a": torch.ones(2)}, path)
    with pytest.raises(ModelFileError, match=r"not a \.molq file"):
        read_header(path.read_bytes())
    torch.save({"a": torch.ones(2)}, path)
    with pytest.raises(ModelFileError, match=r"not a \.molq file"):
        read_header(path.read_bytes())


def spell(header):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return len(text).to_bytes(8, "little") + text


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
def test_absurd_headers_are_refused(header, words):
    with pytest.raises(ModelFileError, match=words):
        read_header(spell(header))


def test_a_header_longer_than_the_limit_is_not_read(monkeypatch):
    monkeypatch.setattr(container, "MAX_HEADER_BYTES", 100)
    with pytest.raises(ModelFileError, match=r"not a \.molq file"):
        read_header(WHOLE)


def test_no_model_is_larger_than_what_is_read(monkeypatch):
    monkeypatch.setattr(container, "MAX_MODEL_BYTES", len(WHOLE) - 1)
    with pytest.raises(ModelFileError, match="no model is larger"):
        read_header(WHOLE)
    with pytest.raises(ModelFileError, match="too large"):
        encode(METADATA, TENSORS)

import json

import pytest
from safetensors.torch import load_file

from molq.errors import ModelFileError, OutputError
from molq.face.bundled import models_dir
from molq.store.card import Card
from molq.store.huggingface import MAX_CONFIG_BYTES, is_layout, weights_of, write_layout
from molq.store.molqfile import load, read_header, save


@pytest.fixture
def made(tmp_path):
    path = models_dir() / "bace-dmpnn.molq"
    write_layout(tmp_path / "hub", path.read_bytes(), read_header(path), "# a card\n")
    return tmp_path / "hub"


def test_the_folder_holds_the_model_and_is_read_by_safetensors(made):
    assert sorted(path.name for path in made.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    assert is_layout(made)
    assert not is_layout(made.parent)
    assert load(weights_of(made)).content_hash == json.loads((made / "config.json").read_text())["content_hash"]
    assert load_file(made / "model.safetensors")["0.head.layers.1.weight"].shape == (1, 300)


def test_nothing_of_a_user_is_replaced(made, build):
    other = save(made.parent / "m.molq", build(), Card("other"))
    with pytest.raises(OutputError, match=r"README\.md already"):
        write_layout(made, other.path.read_bytes(), read_header(other.path), "")
    (made / "notes.txt").write_text("mine")
    write_layout(made, other.path.read_bytes(), read_header(other.path), "", force=True)
    assert load(weights_of(made)).card.name == "other"
    assert (made / "notes.txt").read_text() == "mine"


HOSTILE = {
    "no JSON": (b"{", "not the configuration"),
    "no object": (b"[1]", "not the configuration"),
    "another library": (b'{"library_name": "transformers", "content_hash": "x"}', "not the configuration"),
    "a nest": (b"[" * 100_000, "not the configuration"),
    "huge": (b" " * (MAX_CONFIG_BYTES + 1), "larger than 1 MiB"),
    "no text": (b"\xff\xfe", "not the configuration"),
    "another model": (b'{"library_name": "molq", "content_hash": "sha256:00"}', "belongs to sha256:00"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_configuration_is_one_line(made, name):
    content, words = HOSTILE[name]
    (made / "config.json").write_bytes(content)
    with pytest.raises(ModelFileError, match=words) as raised:
        weights_of(made)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300


def test_missing_parts_and_altered_weights_are_said(made):
    blob = bytearray((made / "model.safetensors").read_bytes())
    blob[-1] ^= 1
    (made / "model.safetensors").write_bytes(bytes(blob))
    with pytest.raises(ModelFileError, match="damaged or altered"):
        load(weights_of(made))
    (made / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    with pytest.raises(ModelFileError, match=r"not a \.molq file"):
        weights_of(made)
    (made / "config.json").unlink()
    with pytest.raises(ModelFileError, match=r"config\.json: cannot be read"):
        weights_of(made)

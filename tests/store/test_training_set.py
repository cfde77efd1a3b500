from __future__ import annotations

import json

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from molq.errors import ModelFileError
from molq.nn.config import default_config
from molq.nn.ensemble import from_members
from molq.nn.predictor import Predictor
from molq.store import container
from molq.store.card import Card
from molq.store.molqfile import decode, decode_header, encode
from molq.store.training_set import TENSOR, TrainingSet, with_data, without_data
from molq.store.training_set import tensor_of as tensor

DATA = bytes(range(200)) + b"environments"
KNOWN = TrainingSet(
    molecules=20,
    described=20,
    fingerprints=18,
    fingerprint_bytes=200,
    radius=2,
    environments=9,
    environment_slots=8,
    environment_bytes=12,
    data=DATA,
)
NETWORK = from_members([Predictor(default_config("dmpnn", ("a",), "regression", d_h=8)).eval()])


def test_a_file_gives_back_what_it_was_given_and_the_same_bytes_again():
    blob = encode(NETWORK, Card("m", training_set=KNOWN))
    loaded = decode(blob, "m")
    assert loaded.card.training_set == KNOWN
    assert encode(loaded.network, loaded.card) == blob


def test_it_costs_its_bytes_and_a_line_of_the_header():
    plain, knowing = encode(NETWORK, Card("m")), encode(NETWORK, Card("m", training_set=KNOWN))
    assert KNOWN.n_bytes == len(DATA)
    assert len(DATA) < len(knowing) - len(plain) < len(DATA) + 400


def test_a_file_without_it_does_not_speak_of_it():
    blob = encode(NETWORK, Card("m"))
    assert b"training_set" not in blob
    assert decode(blob, "m").card.training_set is UNSET


def test_a_header_tells_its_size_without_its_bytes():
    found = decode_header(encode(NETWORK, Card("m", training_set=KNOWN)), "m").description.card.training_set
    assert found == without_data(KNOWN)
    assert found.n_bytes == len(DATA)
    assert with_data(found, tensor(KNOWN)) == KNOWN


def test_a_set_of_no_bytes_comes_back():
    empty = replace(KNOWN, fingerprint_bytes=0, environment_bytes=0, data=b"")
    assert decode(encode(NETWORK, Card("m", training_set=empty)), "m").card.training_set == empty


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fingerprint_bytes": 199}, "its tensor training_set is"),
        ({"environment_bytes": 1 << 30}, "environment_bytes"),
        ({"molecules": -1}, "molecules"),
        ({"radius": 1.5}, "radius"),
        ({"radius": None}, "radius"),
        ({"smiles": ["CCO"]}, "smiles"),
    ],
)
def test_a_file_that_says_otherwise_is_refused(changes, words):
    with pytest.raises(ModelFileError, match=words):
        decode(forged(lambda card, tensors: card["training_set"].update(changes)), "m")


def test_a_tensor_that_is_missing_or_not_spoken_of_is_refused():
    with pytest.raises(ModelFileError, match="its tensor training_set is missing"):
        decode(forged(lambda card, tensors: tensors.pop(TENSOR)), "m")
    with pytest.raises(ModelFileError, match="'training_set' belongs to no layer"):
        decode(forged(lambda card, tensors: card.pop("training_set")), "m")


def forged(change):
    """A file with a right hash, its card and tensors altered."""
    blob = encode(NETWORK, Card("m", training_set=KNOWN))
    header_bytes = int.from_bytes(blob[:8], "little")
    metadata = json.loads(json.loads(blob[8 : 8 + header_bytes])["__metadata__"]["molq"])["model"]
    tensors = {f"0.{name}": value for name, value in NETWORK.members[0].state_dict().items()} | {TENSOR: tensor(KNOWN)}
    change(metadata["card"], tensors)
    return container.encode(metadata, tensors)

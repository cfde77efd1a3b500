"""What a .molq file says of its model comes back, and is compared with the tensors that the file holds."""

import json
import tracemalloc

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from variety import VARIETY, network

from molq.errors import InputError, ModelFileError
from molq.nn.ensemble import Ensemble
from molq.quant.layers import layer_table
from molq.quant.scheme import SCHEMES
from molq.store.card import Card
from molq.store.container import Entry
from molq.store.schema import MIXED, Member, check_entries, describe, empty_member, parse

CARD = Card("m", "a model", training={"seed": 3}, metrics={"auc": 0.5})


def entries_of(model):
    return {
        f"{i}.{name}": Entry(value.dtype, tuple(value.shape), 0, 0)
        for i, member in enumerate(model.members)
        for name, value in member.state_dict().items()
    }


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("config", VARIETY, ids=lambda config: config.architecture)
def test_a_model_is_described_in_json_and_made_anew_from_it(config, scheme):
    model = network(config, scheme)
    description = parse(json.loads(json.dumps(describe(model, CARD), allow_nan=False)))
    assert (description.configs, description.scheme, description.card) == ((config,), scheme, CARD)
    assert description.layers == tuple(layer_table(model))
    check_entries(description, entries_of(model))
    made = empty_member(description, 0)
    made.load_state_dict(model.state_dict())
    assert layer_table(made) == layer_table(model)
    assert made.scheme == scheme


def test_members_of_an_ensemble_may_be_unlike():
    model = Ensemble([network(VARIETY[0], "int8"), network(VARIETY[5], "int8")])
    description = parse(describe(model, CARD))
    assert description.configs == (VARIETY[0], VARIETY[5])
    check_entries(description, entries_of(model))
    assert empty_member(description, 1).config == VARIETY[5]
    entries = entries_of(model)
    entries["2.head.layers.0.weight"] = entries["1.head.layers.0.weight"]
    with pytest.raises(ModelFileError, match=r"'2\.head\.layers\.0\.weight' belongs to no layer"):
        check_entries(description, entries)


def test_tensors_missing_or_of_another_kind_are_named():
    model = network(VARIETY[0], "int8")
    description = parse(describe(model, CARD))
    for change, words in (
        (lambda e: None, r"0\.encoder\.W_h\.weight is missing"),
        (lambda e: e._replace(dtype=torch.float32), r"torch\.float32 \[32, 32\], where torch\.int8 \[32, 32\] belongs"),
        (lambda e: e._replace(shape=(32, 31)), r"\[32, 31\], where torch\.int8 \[32, 32\]"),
    ):
        entries = entries_of(model)
        entry = change(entries.pop("0.encoder.W_h.weight"))
        if entry is not None:
            entries["0.encoder.W_h.weight"] = entry
        with pytest.raises(ModelFileError, match=words):
            check_entries(description, entries)


def test_a_network_of_gigabytes_is_compared_without_memory():
    model = network(VARIETY[0])
    huge = replace(parse(describe(model, CARD)), members=(Member(replace(VARIETY[0], d_h=10_000), {}),))
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError, match=r"where torch\.float32 \[.*10000.*\] belongs"):
            check_entries(huge, entries_of(model))
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("index", [7, 9])
def test_more_layers_than_tensors_are_refused_before_they_are_made(index):
    model = network(VARIETY[index])
    deep = replace(parse(describe(model, CARD)), members=(Member(replace(VARIETY[index], depth=100), {}),))
    with pytest.raises(ModelFileError, match="more layers than its"):
        check_entries(deep, entries_of(model))


def test_a_model_whose_members_cost_too_much_together_is_refused():
    metadata = describe(network(VARIETY[0]), CARD)
    wide = {**metadata["members"][0], "config": {**metadata["members"][0]["config"], "d_h": 10_000}}
    assert parse({**metadata, "members": [wide] * 2}).configs[0].d_h == 10_000
    with pytest.raises(ModelFileError, match=r"its 20 members would cost .* multiplications for each bond"):
        parse({**metadata, "members": [wide] * 20})


def test_members_are_counted():
    metadata = describe(network(VARIETY[0]), CARD)
    for n in (0, 1001):
        with pytest.raises(ModelFileError, match=r"its metadata are wrong: .*\$\.members"):
            parse({**metadata, "members": metadata["members"] * n})
    assert len(parse({**metadata, "members": metadata["members"] * 1000}).members) == 1000


def test_schemes_are_those_of_molq_or_mixed():
    metadata = describe(network(VARIETY[0]), CARD)
    assert parse({**metadata, "scheme": MIXED}).scheme == "mixed"
    with pytest.raises(ModelFileError, match="scheme 'int7' is unknown; upgrade molq"):
        parse({**metadata, "scheme": "int7"})


def test_a_layer_of_an_unknown_kind_is_refused():
    metadata = describe(network(VARIETY[0], "int8"), CARD)
    metadata["members"][0]["quantized"]["encoder.W_x"] = {"weights": "int8", "activations": None}
    with pytest.raises(ModelFileError, match=r"its metadata are wrong: dmpnn has no layer 'encoder\.W_x'"):
        empty_member(parse(metadata), 0)


def test_the_card_is_written_as_json_can():
    model = network(VARIETY[0])
    metrics = {"auc": np.float32(0.5), "low": float("nan"), "tasks": ("a", "b")}
    assert describe(model, Card("m", metrics=metrics))["card"]["metrics"] == {
        "auc": 0.5, "low": None, "tasks": ["a", "b"],
    }  # fmt: skip
    with pytest.raises(InputError, match="the model card cannot be saved: object"):
        describe(model, Card("m", metrics={"auc": object()}))

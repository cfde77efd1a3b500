import contextlib
import io
import random
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from rdkit import rdBase

from molq import files
from molq.chem.recipe import Recipe
from molq.errors import InputError, ModelFileError, OutputError
from molq.nn.config import default_config
from molq.nn.ensemble import Ensemble
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.layers import layer_table
from molq.quant.scheme import SCHEMES
from molq.store import container
from molq.store.card import Card
from molq.store.molqfile import decode, encode, load, read_header, save

MODELS = Path(__file__).parents[2] / "models"
TINY = default_config("dmpnn", ("a",), "regression", d_h=8)
CARD = Card(
    "bace",
    "inhibitors of beta-secretase",
    training={"dataset": "bace", "seed": 3, "curve": [0.5, 0.7]},
    metrics={"roc_auc": {"value": 0.87, "low": 0.83, "high": 0.91, "n": 152}},
)


def scores(model, graphs):
    with torch.inference_mode():
        per_member = [m.activate(m(to_tensors(graphs, m.feature_set))) for m in model.members]
    return torch.stack(per_member).mean(0).numpy()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("architecture", ["dmpnn", "ampnn", "gine", "attentivefp"])
def test_what_is_loaded_is_what_was_saved(architecture, scheme, build, graphs, tmp_path):
    model = build(architecture, scheme)
    saved = save(tmp_path / "m.molq", model, CARD)
    loaded = load(tmp_path / "m.molq")
    np.testing.assert_array_equal(scores(loaded.network, graphs), scores(model, graphs))
    assert loaded.network.config == model.config
    assert loaded.network.scheme == scheme
    assert layer_table(loaded.network) == layer_table(model)
    assert not loaded.network.training
    assert replace(loaded.card, created_with={}) == CARD
    assert loaded.card.created_with["torch"] == version("torch")
    assert loaded.size_bytes == saved.size_bytes == (tmp_path / "m.molq").stat().st_size
    assert loaded.content_hash == saved.content_hash
    state, expected = loaded.network.state_dict(), model.state_dict()
    assert {k: v.dtype for k, v in state.items()} == {k: v.dtype for k, v in expected.items()}


def test_ensembles(build, graphs, tmp_path):
    model = build("dmpnn", "int8", n_members=3)
    save(tmp_path / "m.molq", model, CARD)
    loaded = load(tmp_path / "m.molq").network
    assert isinstance(loaded, Ensemble)
    assert len(loaded.members) == 3
    np.testing.assert_array_equal(scores(loaded, graphs), scores(model, graphs))


def test_stored_integers_make_a_small_file(build, tmp_path):
    sizes = {
        scheme: save(tmp_path / f"{scheme}.molq", build(scheme=scheme, d_h=200, head_hidden=(200,)), CARD).size_bytes
        for scheme in ("fp32", "fp16", "int8", "w4a8", "w4a16", "w3a8", "w2a8")
    }
    assert sizes["int8"] < 0.30 * sizes["fp32"]
    assert sizes["w4a8"] < 0.19 * sizes["fp32"]
    assert sizes["w4a16"] < 0.19 * sizes["fp32"]
    assert sizes["w4a8"] - sizes["w3a8"] > 0.95 * 3 * 200 * 200 / 8
    assert sizes["w3a8"] - sizes["w2a8"] > 0.95 * 3 * 200 * 200 / 8
    assert sizes["fp16"] < 0.52 * sizes["fp32"]


@pytest.mark.parametrize("scheme", ["fp32", "int8"])
def test_same_model_same_bytes(build, scheme, tmp_path):
    save(tmp_path / "1.molq", build(scheme=scheme), CARD)
    save(tmp_path / "2.molq", build(scheme=scheme), CARD)
    save(tmp_path / "3.molq", load(tmp_path / "1.molq").network, load(tmp_path / "1.molq").card)
    first = (tmp_path / "1.molq").read_bytes()
    assert first == (tmp_path / "2.molq").read_bytes() == (tmp_path / "3.molq").read_bytes()


def test_the_header_is_read_without_the_tensors(build, tmp_path, monkeypatch):
    model = build("gine", "int8")
    saved = save(tmp_path / "m.molq", model, CARD)
    monkeypatch.setattr(container, "tensors_of", None)
    header = read_header(tmp_path / "m.molq")
    assert header.description.configs == (model.config,)
    assert header.description.scheme == "int8"
    assert header.description.card.metrics == CARD.metrics
    assert header.description.layers == tuple(layer_table(model))
    assert (header.size_bytes, header.content_hash) == (saved.size_bytes, saved.content_hash)


def test_an_existing_file_needs_force(build, tmp_path):
    path = tmp_path / "m.molq"
    save(path, build(), CARD)
    with pytest.raises(OutputError):
        save(path, build("gine"), CARD)
    assert load(path).network.config.architecture == "dmpnn"
    save(path, build("gine"), CARD, force=True)
    assert load(path).network.config.architecture == "gine"


def test_what_is_encoded_is_what_is_saved_and_decodes_without_a_file(build, graphs, tmp_path):
    model = build(scheme="int8")
    blob = encode(model, CARD)
    saved = save(tmp_path / "m.molq", model, CARD)
    assert (tmp_path / "m.molq").read_bytes() == blob
    decoded = decode(blob, "mine")
    assert (decoded.path, decoded.size_bytes, decoded.content_hash) == (Path("mine"), len(blob), saved.content_hash)
    np.testing.assert_array_equal(scores(decoded.network, graphs), scores(model, graphs))
    with pytest.raises(ModelFileError, match=r"^mine: "):
        decode(blob[:-1], "mine")


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.molq")), ids=lambda path: path.stem)
def test_models_of_an_earlier_molq_load_and_give_their_own_bytes(path):
    loaded = load(path)
    assert encode(loaded.network, loaded.card) == path.read_bytes()


def test_a_card_that_json_has_no_words_for_is_refused(build):
    with pytest.raises(InputError, match="card cannot be saved"):
        encode(build(), Card("m", training={"rows": {1, 2}}))
    numbers = {"auc": np.float32(0.5), "low": float("nan")}
    assert decode(encode(build(), Card("m", metrics=numbers)), "m").card.metrics == {"auc": 0.5, "low": None}


@pytest.mark.parametrize("read", [load, read_header])
def test_what_is_no_file_is_named(read, tmp_path):
    with pytest.raises(ModelFileError, match="no such file"):
        read(tmp_path / "none.molq")
    with pytest.raises(ModelFileError, match="a directory, not a file"):
        read(tmp_path)


def test_a_failed_write_leaves_the_old_file_and_no_other(build, tmp_path, monkeypatch):
    path = tmp_path / "m.molq"
    save(path, build(), CARD)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        save(path, build("gine"), CARD, force=True)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["m.molq"]


def test_random_damage_is_always_seen(build, tmp_path):
    path = tmp_path / "m.molq"
    save(path, build(scheme="int8"), CARD)
    whole = path.read_bytes()
    chance = random.Random(0)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(ModelFileError) as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}: ")
    for length in (0, 7, 8, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        for read in (load, read_header):
            with pytest.raises(ModelFileError):
                read(path)
    path.write_bytes(whole + whole)
    with pytest.raises(ModelFileError):
        read_header(path)


@pytest.fixture
def forge(build, tmp_path):
    """A file with a right hash around changed content: forge(change(metadata, tensors)) -> path."""

    path = tmp_path / "m.molq"

    def make(change, architecture="dmpnn", scheme="int8"):
        if not (genuine := tmp_path / f"{architecture}.molq").exists():
            save(genuine, build(architecture, scheme), CARD)
        blob = genuine.read_bytes()
        header = container.read_header(io.BytesIO(blob), len(blob), genuine)
        metadata, tensors = header.metadata, container.tensors_of(blob, header)
        change(metadata, tensors)
        path.write_bytes(container.encode(metadata, tensors))
        return path

    return make


def config(key, value):
    return lambda metadata, _: metadata["members"][0]["config"].__setitem__(key, value)


def metadata_key(key, value):
    return lambda metadata, _: metadata.__setitem__(key, value)


def tensor(name, value):
    return lambda _, tensors: tensors.__setitem__(name, value)


HEADER_FORGERIES = {
    "architecture": (config("architecture", "transformer"), "architecture must be one of"),
    "width": (config("d_h", 10**9), "`d_h` is 1000000000; it must lie between"),
    "width that would take 400 MB": (config("d_h", 10_000), "tensor"),
    "width as text": (config("d_h", "6"), r"`int`, got `str` - at `\$.members\[0\].config.d_h`"),
    "width as truth": (config("d_h", True), r"`int`, got `bool` - at `\$.members\[0\].config.d_h`"),
    "head": (config("head_hidden", [10**9]), "head_hidden must hold"),
    "long head": (config("head_hidden", [1] * 5000), "head_hidden must hold at most 100 widths"),
    "head as text": (config("head_hidden", "55"), "config.head_hidden`"),
    "tasks": (config("tasks", ["a", 3]), r"config.tasks\[1\]`"),
    "no tasks": (config("tasks", []), "there is no task"),
    "more tasks": (config("tasks", ["a", "b", "c"]), "tensor"),
    "feature set": (config("feature_set", "V1"), "tensor"),
    "unknown feature set": (config("feature_set", "V9"), "feature_set must be"),
    "unknown option": (config("colour", "red"), "unknown field `colour`"),
    "depth": (config("depth", 5), "input_scale|input_zero"),
    "scheme": (metadata_key("scheme", "int3"), "scheme 'int3' is unknown"),
    "scheme as list": (metadata_key("scheme", ["int8"]), r"`\$.scheme`"),
    "no members": (metadata_key("members", []), r"length >= 1 - at `\$.members`"),
    "members as text": (metadata_key("members", "x"), r"`\$.members`"),
    "a member as text": (metadata_key("members", ["x"]), r"`\$.members\[0\]`"),
    "card as text": (metadata_key("card", "x"), r"`\$.card`"),
    "card": (metadata_key("card", {"name": "x", "author": "y"}), "unknown field `author`"),
    "layers as text": (metadata_key("layers", "x"), r"`\$.layers`"),
    "a layer": (metadata_key("layers", [{"name": "x"}]), r"missing required field `role` - at `\$.layers\[0\]`"),
    "more metadata": (metadata_key("note", "x"), "unknown field `note`"),
    "less metadata": (lambda metadata, _: metadata.pop("card"), "missing required field `card`"),
    "unknown layer": (
        lambda metadata, _: metadata["members"][0]["quantized"].update(x={"weights": "int8", "activations": None}),
        "no layer 'x'",
    ),
    "unknown precision": (
        lambda metadata, _: metadata["members"][0]["quantized"]["encoder.W_h"].update(weights="int3"),
        "unknown quantization",
    ),
    "precision as list": (
        lambda metadata, _: metadata["members"][0]["quantized"]["encoder.W_h"].update(weights=["int8"]),
        r"quantized\[...\].weights`",
    ),
    "layer without precision": (
        lambda metadata, _: metadata["members"][0]["quantized"].update({"encoder.W_h": {}}),
        "missing required field `weights`",
    ),
    "missing tensor": (lambda _, tensors: tensors.pop("0.encoder.W_h.weight"), "W_h.weight is missing"),
    "extra tensor": (tensor("0.encoder.W_x.weight", torch.ones(2)), "W_x.weight' belongs to no layer"),
    "tensor of a second member": (tensor("1.encoder.W_h.weight", torch.ones(2)), "belongs to no layer"),
    "shape": (tensor("0.encoder.W_h.weight", torch.ones(6, 7, dtype=torch.int8)), r"\[6, 7\], where"),
    "type": (tensor("0.encoder.W_h.weight", torch.ones(6, 6)), r"torch\.float32 .* where torch\.int8"),
}


@pytest.mark.parametrize("name", HEADER_FORGERIES)
def test_metadata_that_fit_no_model_are_refused_before_any_tensor_is_read(name, forge, monkeypatch):
    change, words = HEADER_FORGERIES[name]
    path = forge(change)
    monkeypatch.setattr(container, "tensors_of", None)
    for read in (load, read_header):
        with pytest.raises(ModelFileError, match=words) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: ")


def test_an_absurd_depth_is_refused_before_its_layers_are_made(forge):
    with pytest.raises(ModelFileError, match="more layers than"):
        load(forge(config("depth", 100), "gine"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (tensor("0.encoder.W_h.weight_scale", torch.full((6,), torch.nan)), "finite"),
        (tensor("0.encoder.W_h.input_scale", torch.tensor([0.0, 1.0])), "range"),
        (tensor("0.encoder.W_h.input_zero", torch.tensor([0, 256], dtype=torch.int32)), "range"),
        (tensor("0.encoder.W_h.input_scale", torch.tensor([0.5, 0.5])), "not those that its metadata state"),
        (lambda metadata, _: metadata["layers"][0].update(n_bytes=1), "not those that its metadata state"),
    ],
)
def test_tensors_that_fit_no_model_are_refused(change, words, forge):
    with pytest.raises(ModelFileError, match=words):
        load(forge(change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (tensor("0.encoder.W_h.multiplier", torch.full((6, 1), 16, dtype=torch.int8)), "beyond 8 bits"),
        (tensor("0.encoder.W_h.multiplier", torch.full((6, 1), -128, dtype=torch.int8)), "beyond 8 bits"),
        (tensor("0.encoder.W_h.weight", torch.ones(6, 6, dtype=torch.uint8)), "where torch.uint8"),
        (lambda m, _: m["members"][0]["quantized"]["encoder.W_h"].update(group=3), "multiplier"),
        (lambda m, _: m["members"][0]["quantized"]["encoder.W_h"].update(group=0), r"`int` >= 1"),
        (lambda m, _: m["members"][0]["quantized"]["encoder.W_h"].update(group=True), "`bool`"),
        (lambda m, _: m["members"][0]["quantized"]["encoder.W_h"].pop("group"), "unknown quantization"),
    ],
)
def test_4_bit_weights_that_fit_no_model_are_refused(change, words, forge):
    with pytest.raises(ModelFileError, match=words):
        load(forge(change, scheme="w4a8"))


def test_a_forger_can_only_raise_our_errors(forge):
    """Any metadata value replaced by any other JSON value: a model, or a ModelFileError, never anything else."""
    chance = random.Random(1)
    values = [None, True, -1, 0, 2**70, 1e300, "", "x", [], [[]], {}, {"a": {}}]

    def poke(tree):
        keys = list(tree) if isinstance(tree, dict) else range(len(tree))
        key = chance.choice(list(keys))
        if isinstance(tree[key], dict | list) and tree[key] and chance.random() < 0.8:
            poke(tree[key])
        else:
            tree[key] = chance.choice(values)

    for _ in range(200):
        path = forge(lambda metadata, _: poke(metadata))
        for read in (load, read_header):
            with contextlib.suppress(ModelFileError):
                read(path)


@pytest.fixture(scope="module")
def described():
    """A model that takes molecule features."""
    torch.manual_seed(0)
    recipe = Recipe(molecule_features=("charge", "v1_rdkit_2d"))
    return Predictor(default_config("dmpnn", ("a",), "regression", d_h=8, recipe=recipe, extras=201)).eval()


def altered(blob, path, **changes):
    """The file with another card, and a hash that fits it."""
    header = container.read_header(io.BytesIO(blob), len(blob), "m")
    metadata = {**header.metadata, "card": {**header.metadata["card"], **changes}}
    path.write_bytes(container.encode(metadata, container.tensors_of(blob, header)))
    return path


def test_molecule_features_are_recorded_and_travel_with_the_model(described, tmp_path):
    save(tmp_path / "m.molq", described, CARD)
    loaded = load(tmp_path / "m.molq")
    assert loaded.network.recipe == described.recipe
    assert loaded.card.molecule_features.versions["RDKit"] == rdBase.rdkitVersion
    assert len(loaded.card.molecule_features.values["v1_rdkit_2d MolLogP"]) == 10
    assert encode(loaded.network, loaded.card) == (tmp_path / "m.molq").read_bytes()
    assert b"molecule_features" not in encode(Predictor(TINY), CARD)


def test_a_descriptor_that_changed_since_is_refused_by_name(described, tmp_path):
    blob = encode(described, CARD)
    recorded = container.read_header(io.BytesIO(blob), len(blob), "m").metadata["card"]["molecule_features"]
    values = recorded["values"] | {"v1_rdkit_2d MolLogP": [0.5] * 10}
    path = altered(blob, tmp_path / "m.molq", molecule_features={"versions": {"RDKit": "2019.03"}, "values": values})
    with pytest.raises(ModelFileError, match=r"v1_rdkit_2d MolLogP .* was 0.5 .*\(RDKit 2019.03\): its scores would"):
        load(path)
    assert read_header(path).description.card.molecule_features.versions == {"RDKit": "2019.03"}


def test_what_is_recorded_goes_with_the_recipe(described, tmp_path):
    blob = encode(described, CARD)
    recorded = container.read_header(io.BytesIO(blob), len(blob), "m").metadata["card"]["molecule_features"]
    plain = encode(Predictor(TINY), CARD)
    with pytest.raises(ModelFileError, match="does not go with its recipe"):
        load(altered(plain, tmp_path / "m.molq", molecule_features=recorded))
    header = container.read_header(io.BytesIO(blob), len(blob), "m")
    tensors = container.tensors_of(blob, header)
    del header.metadata["card"]["molecule_features"]
    (tmp_path / "m.molq").write_bytes(container.encode(header.metadata, tensors))
    with pytest.raises(ModelFileError, match="does not go with its recipe"):
        load(tmp_path / "m.molq")
    for wrong in ({"versions": {}, "values": {"v1_rdkit_2d qed": ["x"] * 10}}, {"values": {}}, 3):
        with pytest.raises(ModelFileError, match="its metadata are wrong"):
            load(altered(blob, tmp_path / "m.molq", molecule_features=wrong))


def test_a_recipe_with_features_that_molq_does_not_know_is_refused(described, tmp_path):
    blob = encode(described, CARD)
    header = container.read_header(io.BytesIO(blob), len(blob), "m")
    tensors = container.tensors_of(blob, header)
    config = header.metadata["members"][0]["config"]
    for names, words in (
        (["moods"], "unknown molecule feature 'moods'"),
        ([], "does not go with"),
        (["x"] * 99, "'x'"),
    ):
        config["recipe"] = {"molecule_features": names}
        (tmp_path / "m.molq").write_bytes(container.encode(header.metadata, tensors))
        with pytest.raises(ModelFileError, match=words):
            load(tmp_path / "m.molq")
    config["recipe"] = {"molecule_features": ["charge"]}
    (tmp_path / "m.molq").write_bytes(container.encode(header.metadata, tensors))
    with pytest.raises(ModelFileError, match=r"molecule features charge are 1 numbers here .* and it takes 201"):
        load(tmp_path / "m.molq")

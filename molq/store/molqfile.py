"""The .molq file: saves a model with its card, loads it back, or tells what is inside without reading tensors."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace
from torch import Tensor

from molq.chem.molecule_features.reference import RecordedFeatures, difference, reference
from molq.errors import ModelFileError, MolqError
from molq.files import open_file, require_file, write_whole
from molq.nn.ensemble import Network, from_members
from molq.nn.predictor import Predictor
from molq.outputs import refuse_output
from molq.quant.layers import IntLinear, layer_table
from molq.quant.observers import LEVELS
from molq.quant.weights import MAX_MULTIPLIER
from molq.store import container, schema, training_set
from molq.store.card import Card, library_versions
from molq.store.training_set import TrainingSet


class Loaded(NamedTuple):
    """A model as it was saved, in inference mode."""

    network: Network
    card: Card
    size_bytes: int
    content_hash: str
    path: Path


class ModelHeader(NamedTuple):
    """What a .molq file says of its model; its tensors were not read, so its content hash is not verified."""

    description: schema.Description
    size_bytes: int
    content_hash: str
    path: Path


def save(path: str | Path, network: Network, card: Card, *, force: bool = False) -> Loaded:
    """Writes the file whole or not at all; the same network and card give the same bytes.

    The versions of the libraries are added to a card that names none. Raises OutputError when ``path`` exists and
    ``force`` is False, or when it cannot be written.
    """
    refuse_output(path, force=force)
    card = _signed(card, network)
    blob = encode(network, card)
    write_whole(path, blob, force=force)
    header = container.read_header(io.BytesIO(blob), len(blob), path)
    return Loaded(network, card, header.size_bytes, header.content_hash, Path(path))


def load(path: str | Path) -> Loaded:
    """The model and its card.

    Raises ModelFileError when the file is damaged, altered, too new, or no .molq file, and when molecule features that
    the model takes are other numbers here than where it was made.
    """
    _container_header(path)
    try:
        with open_file(path) as file:
            blob = file.read()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror})") from error
    return decode(blob, path)


def encode(network: Network, card: Card) -> bytes:
    """The bytes that ``save`` writes."""
    tensors = {f"{i}.{name}": value for i, m in enumerate(network.members) for name, value in m.state_dict().items()}
    card = _signed(card, network)
    if isinstance(card.training_set, TrainingSet):
        tensors[training_set.TENSOR] = training_set.tensor_of(card.training_set)
        card = replace(card, training_set=training_set.without_data(card.training_set))
    return container.encode(schema.describe(network, card), tensors)


def decode(blob: bytes, place: str | Path) -> Loaded:
    """The model and its card of the bytes of a file; ``place`` is what messages call it. Raises as ``load`` does."""
    header = container.read_header(io.BytesIO(blob), len(blob), place)
    description = _description(header)
    tensors = container.tensors_of(blob, header)
    try:
        network = from_members([_member(description, i, tensors) for i in range(len(description.members))])
        if layer_table(network) != list(description.layers):
            raise ModelFileError("its layers are not those that its metadata state")
        card = _with_training_set(description.card, tensors)
        _require_same_features(network, card)
    except MolqError as error:
        raise ModelFileError(f"{place}: {error}") from error
    return Loaded(network, card, header.size_bytes, header.content_hash, Path(place))


def decode_header(blob: bytes, place: str | Path) -> ModelHeader:
    """What the bytes of a file say of it, its tensors left aside. Raises ModelFileError as ``load`` does."""
    header = container.read_header(io.BytesIO(blob), len(blob), place)
    return ModelHeader(_description(header), header.size_bytes, header.content_hash, Path(place))


def read_header(path: str | Path) -> ModelHeader:
    """What the file says of itself, without its tensors. Raises ModelFileError as ``load`` does."""
    header = _container_header(path)
    return ModelHeader(_description(header), header.size_bytes, header.content_hash, Path(path))


def _signed(card: Card, network: Network) -> Card:
    """The card with what it says of the place where the model was made, if it does not say so yet."""
    if not card.created_with:
        card = replace(card, created_with=library_versions())
    if network.recipe.molecule_features and card.molecule_features is UNSET:
        card = replace(card, molecule_features=reference(network.recipe))
    return card


def _with_training_set(card: Card, tensors: Mapping[str, Tensor]) -> Card:
    """The card as it was given to ``encode``, the bytes of its training set with it."""
    if not isinstance(card.training_set, TrainingSet):
        return card
    return replace(card, training_set=training_set.with_data(card.training_set, tensors[training_set.TENSOR]))


def _require_same_features(network: Network, card: Card) -> None:
    """Returns when the model's molecule features are here what they were where it was made."""
    stored, recipe = card.molecule_features, network.recipe
    if bool(recipe.molecule_features) != isinstance(stored, RecordedFeatures):
        raise ModelFileError("what its card says of molecule features does not go with its recipe")
    if not isinstance(stored, RecordedFeatures):
        return
    for member in network.members:
        if found := difference(stored, recipe, member.config.n_extras):
            raise ModelFileError(
                f"{found}: its scores would be others; install what it was made with, or import its checkpoint again,"
                " to have it take its features as they are here"
            )


def _container_header(path: str | Path) -> container.Header:
    require_file(path, ModelFileError)
    try:
        with open_file(path) as file:
            size_bytes = file.seek(0, os.SEEK_END)
            file.seek(0)
            return container.read_header(file, size_bytes, path)
    except FileNotFoundError as error:
        raise ModelFileError(f"{path}: no such file") from error
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror})") from error


def _description(header: container.Header) -> schema.Description:
    """Of a model whose tensors the file holds, none of them read."""
    try:
        description = schema.parse(header.metadata)
        schema.check_entries(description, header.entries)
    except ModelFileError as error:
        raise ModelFileError(f"{header.place}: {error}") from error
    return description


def _member(description: schema.Description, i: int, tensors: Mapping[str, Tensor]) -> Predictor:
    prefix = f"{i}."
    own = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    for name, value in own.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise ModelFileError(f"its tensor {prefix}{name} holds values that are no finite numbers")
    member = schema.empty_member(description, i)
    member.load_state_dict(own)
    for name, layer in member.named_modules():
        if isinstance(layer, IntLinear) and not _has_possible_ranges(layer):
            raise ModelFileError(f"its layer {prefix}{name} has an activation range that no calibration gives")
        if isinstance(layer, IntLinear) and not _has_possible_multipliers(layer):
            raise ModelFileError(f"its layer {prefix}{name} has weights beyond 8 bits")
    return member.eval()


def _has_possible_ranges(layer: IntLinear) -> bool:
    if layer.activations != "static":
        return True
    zero = layer.input_zero
    return bool((layer.input_scale > 0).all() and (zero >= 0).all() and (zero <= LEVELS).all())


def _has_possible_multipliers(layer: IntLinear) -> bool:
    return layer.group is None or bool((layer.multiplier.short().abs() <= MAX_MULTIPLIER).all())

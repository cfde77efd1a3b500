"""The .molq file: saves a model with its card, loads it back, or tells what is inside without reading tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from molq.errors import ModelFileError, MolqError
from molq.nn.ensemble import Network, from_members
from molq.nn.predictor import Predictor
from molq.quant.layers import IntLinear
from molq.quant.observers import LEVELS
from molq.quant.weights import MAX_MULTIPLIER
from molq.store import container, schema
from molq.store.card import Card, library_versions


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


def save(path: str | Path, model: Network, card: Card, *, force: bool = False) -> Loaded:
    """Writes ``model`` and ``card`` whole or not at all; the same model and card give the same bytes.

    The versions of the libraries are added to a card that names none. Raises OutputError when ``path`` exists and
    ``force`` is False, or when it cannot be written.
    """
    if not card.created_with:
        card = replace(card, created_with=library_versions())
    tensors = {f"{i}.{name}": value for i, m in enumerate(model.members) for name, value in m.state_dict().items()}
    header = container.write(Path(path), schema.describe(model, card), tensors, force=force)
    return Loaded(model, card, header.size_bytes, header.content_hash, header.path)


def load(path: str | Path) -> Loaded:
    """The model and its card. Raises ModelFileError when the file is damaged, altered, too new, or no .molq file."""
    header = container.read_header(Path(path))
    try:
        description = schema.parse(header.metadata)
        schema.check_entries(description, header.entries)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
    tensors = container.read_tensors(header)
    try:
        members = [_member(description, i, tensors) for i in range(len(description.configs))]
        model = from_members(members)
        if schema.stated_layers(model) != list(description.layers):
            raise ModelFileError("its layers are not those that its metadata state")
    except MolqError as error:
        raise ModelFileError(f"{path}: {error}") from error
    return Loaded(model, description.card, header.size_bytes, header.content_hash, header.path)


def read_header(path: str | Path) -> ModelHeader:
    """What the file says of itself, without its tensors. Raises ModelFileError as ``load`` does."""
    header = container.read_header(Path(path))
    try:
        description = schema.parse(header.metadata)
        schema.check_entries(description, header.entries)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
    return ModelHeader(description, header.size_bytes, header.content_hash, header.path)


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

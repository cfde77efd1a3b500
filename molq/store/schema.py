"""Metadata of a .molq file: a model's architecture in JSON types, and back to a model without weights.

Nothing here reads tensors, and nothing is allocated that the file does not hold: the network that the metadata
describes is built without memory first, and compared with the file's table of tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import torch

from molq.errors import ModelFileError, MolqError
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Network
from molq.nn.predictor import Predictor
from molq.quant.layers import build, layer_specs, layer_table
from molq.quant.scheme import SCHEMES
from molq.results.layers import Layer
from molq.results.plain import plain
from molq.store.card import Card
from molq.store.container import Entry

MIXED = "mixed"
"""scheme of a model whose layers each have one of their own"""
_KEYS = {"members", "scheme", "layers", "card"}
_MAX_MEMBERS = 1000


class Description(NamedTuple):
    """What the metadata say, checked."""

    configs: tuple[PredictorConfig, ...]
    """one per member"""
    specs: tuple[dict[str, dict[str, Any]], ...]
    """quantized layers of each member, as ``molq.quant.layers.build`` takes them"""
    scheme: str
    layers: tuple[dict[str, Any], ...]
    """name, role, shape, weights, activations, n_bytes and ranges of each matrix layer, as stated"""
    card: Card


def describe(model: Network, card: Card) -> dict[str, Any]:
    """Metadata of the model, in JSON types."""
    return {
        "members": [{"config": m.config.to_dict(), "quantized": layer_specs(m)} for m in model.members],
        "scheme": model.scheme,
        "layers": stated_layers(model),
        "card": card.to_dict(),
    }


def stated_layers(model: Network) -> list[dict[str, Any]]:
    """The model's layer table in JSON types."""
    rows: list[dict[str, Any]] = plain(layer_table(model))
    return rows


def parse(metadata: Mapping[str, Any]) -> Description:
    """The checked metadata. Raises ModelFileError, without the file's name, when they describe no model."""
    if set(metadata) != _KEYS:
        raise ModelFileError(f"its metadata hold {sorted(metadata)}, not {sorted(_KEYS)}")
    members, layers = metadata["members"], metadata["layers"]
    if not isinstance(members, list) or not 1 <= len(members) <= _MAX_MEMBERS:
        raise ModelFileError(f"its metadata describe no model (1 to {_MAX_MEMBERS} members)")
    scheme = metadata["scheme"]
    if not isinstance(scheme, str) or scheme not in (*SCHEMES, MIXED):
        raise ModelFileError(f"its scheme {str(scheme)[:40]!r} is unknown; upgrade molq")
    if not isinstance(layers, list) or not all(_is_layer(row) for row in layers):
        raise ModelFileError("its metadata state no layers")
    if not isinstance(metadata["card"], dict):
        raise ModelFileError("its metadata hold no model card")
    try:
        card = Card.from_dict(metadata["card"])
        pairs = [_member(member) for member in members]
    except ModelFileError:
        raise
    except MolqError as error:
        raise ModelFileError(f"its metadata are wrong: {error}") from error
    configs, specs = zip(*pairs, strict=True)
    return Description(configs, specs, scheme, tuple(layers), card)


def _member(member: Any) -> tuple[PredictorConfig, dict[str, dict[str, Any]]]:
    match member:
        case {"config": dict(config), "quantized": dict(specs)} if len(member) == 2:
            for field in fields(PredictorConfig):
                if field.name in config and not _is_a(config[field.name], str(field.type)):
                    raise ModelFileError(f"its metadata are wrong: {field.name} is no {field.type}")
            if not all(_is_spec(spec) for spec in specs.values()):
                raise ModelFileError("its metadata are wrong: a quantized layer is not described")
            return PredictorConfig.from_dict(config), specs
    raise ModelFileError("its metadata are wrong: a member is not described")


def _is_spec(spec: Any) -> bool:
    match spec:
        case {"weights": str(), "activations": str() | None, "group": int(group)}:
            return len(spec) == 3 and type(group) is int and group > 0
        case {"weights": str(), "activations": str() | None}:
            return len(spec) == 2
    return False


def _is_layer(row: Any) -> bool:
    match row:
        case {
            "name": str(),
            "role": str(),
            "shape": [int(), int()],
            "weights": str(),
            "activations": str() | None,
            "n_bytes": int(),
            "ranges": list(ranges),
        } if len(row) == len(Layer.__struct_fields__):
            return all(
                isinstance(limits, list) and len(limits) == 2 and all(type(limit) is float for limit in limits)
                for limits in ranges
            )
    return False


def _is_a(value: Any, annotation: str) -> bool:
    match annotation:
        case "str":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return type(value) is int
        case "float":
            return type(value) in (int, float)
        case "tuple[str, ...]":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "tuple[int, ...]":
            return isinstance(value, list) and all(type(item) is int for item in value)
    raise AssertionError(f"a field of type {annotation} has no check")


def check_entries(description: Description, entries: Mapping[str, Entry]) -> None:
    """Raises ModelFileError unless the file holds the tensors of the described model: no more, no less, none other."""
    expected: dict[str, tuple[torch.dtype, tuple[int, ...]]] = {}
    for i, config in enumerate(description.configs):
        # a layer needs tensors, so a depth beyond their number is absurd, and would take long to build
        stacked = config.depth if config.architecture in ("gine", "attentivefp") else 0
        if max(stacked, len(config.head_hidden)) > len(entries):
            raise ModelFileError(f"it describes more layers than its {len(entries)} tensors could fill")
        with torch.device("meta"):
            state = empty_member(description, i).state_dict()
        expected |= {f"{i}.{name}": (value.dtype, tuple(value.shape)) for name, value in state.items()}
    if missing := sorted(set(expected) - set(entries)):
        raise ModelFileError(f"its tensor {missing[0]} is missing")
    if extra := sorted(set(entries) - set(expected)):
        raise ModelFileError(f"its tensor {extra[0][:80]!r} belongs to no layer")
    for name, (dtype, shape) in expected.items():
        if (entries[name].dtype, entries[name].shape) != (dtype, shape):
            raise ModelFileError(
                f"its tensor {name} is {entries[name].dtype} {list(entries[name].shape)}, "
                f"where {dtype} {list(shape)} belongs"
            )


def empty_member(description: Description, i: int) -> Predictor:
    """Member i with its quantized layers in place, its numbers not those of the file."""
    try:
        return build(description.configs[i], description.scheme, description.specs[i])
    except MolqError as error:
        raise ModelFileError(f"its metadata are wrong: {error}") from error

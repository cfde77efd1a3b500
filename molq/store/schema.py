"""Metadata of a .molq file: a model's architecture in JSON types, and back to a model without weights.

Nothing here reads tensors, and nothing is allocated that the file does not hold: the network that the metadata
describes is built without memory first, and compared with the file's table of tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import torch

from molq.errors import InputError, ModelFileError, MolqError
from molq.limits import BOUNDS
from molq.nn.config import MAX_PRODUCTS, PredictorConfig
from molq.nn.ensemble import Network
from molq.nn.predictor import Predictor
from molq.quant.layers import LayerSpec, build, layer_specs, layer_table
from molq.quant.scheme import SCHEMES
from molq.results.layers import Layer
from molq.results.plain import plain
from molq.serial import from_builtins
from molq.store.card import Card
from molq.store.container import Entry
from molq.store.training_set import TENSOR, TrainingSet

MIXED = "mixed"
"""scheme of a model whose layers each have one of their own"""
_MAX_MEMBERS = int(BOUNDS["members"].high)


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One predictor of a model."""

    config: PredictorConfig
    quantized: dict[str, LayerSpec]
    """by the name of the layer"""


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the metadata say."""

    members: Annotated[tuple[Member, ...], msgspec.Meta(min_length=1, max_length=_MAX_MEMBERS)]
    scheme: str
    layers: tuple[Layer, ...]
    """as stated"""
    card: Card

    @property
    def configs(self) -> tuple[PredictorConfig, ...]:
        """One per member."""
        return tuple(member.config for member in self.members)


def describe(network: Network, card: Card) -> dict[str, Any]:
    """Metadata of the model, in JSON types; numbers of the card that are not finite become None.

    Raises InputError when the card holds what JSON has no word for.
    """
    members = tuple(Member(member.config, layer_specs(member)) for member in network.members)
    description = Description(members, network.scheme, tuple(layer_table(network)), card)
    try:
        metadata: dict[str, Any] = plain(description)
    except TypeError as error:
        raise InputError(f"the model card cannot be saved: {error}") from error
    return metadata


def parse(metadata: Mapping[str, Any]) -> Description:
    """The checked metadata. Raises ModelFileError, without the file's name, when they describe no model."""
    try:
        description = from_builtins(metadata, Description, "its metadata are wrong")
    except MolqError as error:
        raise ModelFileError(str(error)) from error
    if description.scheme not in (*SCHEMES, MIXED):
        raise ModelFileError(f"its scheme {description.scheme[:40]!r} is unknown; upgrade molq")
    n_products = sum(config.n_products for config in description.configs)
    if n_products > MAX_PRODUCTS:
        raise ModelFileError(
            f"its {len(description.members)} members would cost {n_products:,} multiplications for each bond of a"
            f" molecule, and {MAX_PRODUCTS:,} are the most"
        )
    return description


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
    if isinstance(known := description.card.training_set, TrainingSet):
        expected[TENSOR] = (torch.uint8, (known.n_bytes,))
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
    member = description.members[i]
    try:
        return build(member.config, description.scheme, member.quantized)
    except MolqError as error:
        raise ModelFileError(f"its metadata are wrong: {error}") from error

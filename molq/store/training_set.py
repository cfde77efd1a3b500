"""What a .molq file remembers of the molecules that its model was trained on: fingerprints and environments, no SMILES.

It is what "how near is this molecule to them?" takes. The bytes are a tensor of the file beside those of the network;
molq.workflows.applicability makes and reads them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor

TENSOR = "training_set"
"""its name in the file"""
_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
_Length = Annotated[int, msgspec.Meta(ge=0, le=1 << 26)]


class TrainingSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers of the card, and the bytes they tell how to read."""

    molecules: _Count
    """trained on"""
    described: _Count
    """of them those that were drawn for their fingerprints; all, where they are not too many"""
    fingerprints: _Length
    """distinct ones: Morgan, radius 2, 2048 bits"""
    fingerprint_bytes: _Length
    radius: Annotated[int, msgspec.Meta(ge=0, le=100)]
    """of the environments of atoms"""
    environments: _Length
    """distinct ones of all molecules"""
    environment_slots: _Length
    environment_bytes: _Length
    data: bytes | msgspec.UnsetType = msgspec.UNSET
    """those of the fingerprints, then those of the environments; UNSET in a header read without tensors"""

    @property
    def n_bytes(self) -> int:
        """What it adds to the file, this description aside."""
        return self.fingerprint_bytes + self.environment_bytes


def tensor_of(training_set: TrainingSet) -> Tensor:
    """The bytes, uint8. The training set of a card that was read without its tensors has none to give."""
    assert isinstance(training_set.data, bytes)
    return torch.from_numpy(np.frombuffer(training_set.data, np.uint8).copy())


def without_data(training_set: TrainingSet) -> TrainingSet:
    """The numbers alone, as the card in the file holds them."""
    return replace(training_set, data=msgspec.UNSET)


def with_data(training_set: TrainingSet, tensor: Tensor) -> TrainingSet:
    """The numbers with the bytes of the file's tensor."""
    return replace(training_set, data=tensor.numpy().tobytes())

"""chemprop 1 checkpoints (``model.pt``) as predictors, without the detour through chemprop 2's converter.

The converter loses biases, hydrogens and slopes of PReLU, so what counts here are chemprop 1.6.1's own predictions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch

from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive
from molq.interop.chemprop import Weights, predictor_of
from molq.interop.chemprop_config import shapes_of
from molq.interop.chemprop_v1_args import v1_config
from molq.interop.inert import Instance
from molq.interop.numpy_values import float_array
from molq.nn.mpnn import set_padding
from molq.nn.predictor import Predictor

_ENCODER = re.compile(r"encoder\.encoder\.(?:0\.)?(W_[iho]\.(?:weight|bias)|act_func\.weight|cached_zero_vector)")
_HEAD = re.compile(r"(?:readout|ffn)\.(\d{1,3})\.(weight|bias)")
_LAYERS_PER_STEP = 3
"""dropout, matrix, activation"""


def is_chemprop_v1(root: Any) -> bool:
    """Whether a checkpoint's object tree is one that chemprop 1 writes."""
    return (
        isinstance(root, dict)
        and isinstance(root.get("args"), Instance)
        and root["args"].cls.path == "argparse.Namespace"
        and isinstance(root.get("state_dict"), dict)
    )


def chemprop_v1_predictor(archive: TorchArchive) -> Predictor:
    """The network of an open chemprop 1 checkpoint in inference mode, its scores those of chemprop 1.6.1.

    Tasks are called as the file calls them, else task_0, task_1, ... Raises CheckpointError when the file holds a kind
    of model that molq does not offer, or contradicts itself.
    """
    root = archive.root
    args = root["args"].state
    if not isinstance(args, dict):
        raise CheckpointError("its args are empty, and chemprop 1 writes how the model was trained there")
    state = _renamed(root["state_dict"])
    shapes = shapes_of(state, "ampnn" if args.get("atom_messages") is True else "dmpnn")
    config = v1_config(args, shapes, "message_passing.W_i.bias" in state)
    predictor = predictor_of(config, Weights(archive, state))
    if predictor.encoder.padding is not None:
        set_padding(predictor.encoder)
    _set_scale(predictor, root.get("data_scaler"))
    _set_scale_of_extras(predictor, root.get("features_scaler"))
    return predictor


def _renamed(state: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors under the names of chemprop 2, whose network is the same."""
    renamed: dict[str, Any] = {}
    for key, value in state.items():
        name = _name(key) if isinstance(key, str) else None
        if name is None:
            raise CheckpointError(f"it holds weights that molq does not know: {str(key)[:80]}")
        if name in renamed:
            raise CheckpointError(f"it holds {name.removeprefix('message_passing.')} under two names")
        renamed[name] = value
    renamed.pop("message_passing.cached_zero_vector", None)
    return renamed


def _name(key: str) -> str | None:
    if match := _ENCODER.fullmatch(key):
        return f"message_passing.{match[1].replace('act_func', 'tau')}"
    if match := _HEAD.fullmatch(key):
        layer, place = divmod(int(match[1]), _LAYERS_PER_STEP)
        if place == 1:
            return f"predictor.ffn.{layer}.{2 if layer else 0}.{match[2]}"
        if place == 2 and match[2] == "weight":
            return f"predictor.ffn.{layer + 1}.0.weight"
    return None


def _set_scale(predictor: Predictor, scaler: Any) -> None:
    """Targets were scaled by this mean and this deviation for training, and scores are scaled back."""
    if scaler is None:
        return
    if predictor.kind != "regression":
        raise CheckpointError(f"it is a model for {predictor.kind} that scales its targets (data_scaler)")
    _fill(scaler, "data_scaler", "tasks", predictor.output_mean, predictor.output_scale)


def _set_scale_of_extras(predictor: Predictor, scaler: Any) -> None:
    """Molecule features are scaled by these means and deviations before the head takes them."""
    if scaler is None:
        return
    if predictor.scaler is None:
        raise CheckpointError("it scales molecule features (features_scaler) and takes none")
    _fill(scaler, "features_scaler", "molecule features", predictor.scaler.mean, predictor.scaler.scale)


def _fill(scaler: Any, name: str, of: str, mean: torch.Tensor, scale: torch.Tensor) -> None:
    for part, buffer in (("means", mean), ("stds", scale)):
        numbers = float_array(scaler.get(part) if isinstance(scaler, dict) else None, f"{name}'s {part}")
        if len(numbers) != len(buffer):
            raise CheckpointError(f"its {name} has {len(numbers)} {part} for {len(buffer)} {of}")
        buffer.copy_(torch.from_numpy(numbers))

"""chemprop v2 checkpoints (``.pt`` model files and Lightning's ``.ckpt``) as predictors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from molq.chem.recipe import PLAIN, Recipe
from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive
from molq.interop.chemprop_config import checkpoint_config, head_key
from molq.interop.foreign import foreign_root
from molq.interop.inert import TensorRef
from molq.nn.config import PredictorConfig
from molq.nn.predictor import Predictor

_NOT_WEIGHTS = ("metrics.", "predictor.criterion.", "predictor.output_transform.", "message_passing.W_d.")


def chemprop_predictor(archive: TorchArchive, recipe: Recipe = PLAIN) -> Predictor:
    """The network of an open chemprop v2 checkpoint in inference mode, its scores those of chemprop.

    Molecules are read by ``recipe``, of which the file says nothing. Tasks are called as the file calls them, else
    task_0, task_1, ... Raises CheckpointError when the file holds a kind of model that molq does not offer, or
    contradicts itself.
    """
    root = archive.root
    if not isinstance(root, dict) or not all(isinstance(root.get(k), dict) for k in ("hyper_parameters", "state_dict")):
        raise CheckpointError(foreign_root(root))
    state = root["state_dict"]
    if "W_i.weight" in state:
        raise CheckpointError(foreign_root(root))
    config = checkpoint_config(root["hyper_parameters"], state, stored_tasks(root), recipe)
    return predictor_of(config, Weights(archive, state))


def stored_tasks(root: Mapping[str, Any]) -> list[str] | None:
    """What the file calls its tasks; None where it does not."""
    names = root.get("output_columns")
    return names if isinstance(names, list) and names and all(isinstance(name, str) for name in names) else None


def predictor_of(config: PredictorConfig, weights: Weights) -> Predictor:
    """The predictor of ``config`` with weights that bear the names of chemprop v2.

    Raises CheckpointError when one is missing, does not fit, or is left over.
    """
    made = _converted(config, weights)
    if left := weights.unread():
        raise CheckpointError(f"it holds weights that molq does not know: {', '.join(left[:5])}")
    return _filled(config, made)


class Weights:
    """The state dict's float tensors, each read once, and the names of those not asked for."""

    def __init__(self, archive: TorchArchive, state: Mapping[str, Any]) -> None:
        self._archive, self._state = archive, state
        self._read: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._state

    def __getitem__(self, key: str) -> Tensor:
        ref = self._state.get(key)
        if not isinstance(ref, TensorRef):
            raise CheckpointError(f"its weight {key} is missing")
        self._read.add(key)
        values = self._archive.array(ref)
        with np.errstate(over="ignore"):
            single = values.astype(np.float32)
        if values.dtype.kind != "f" or not np.isfinite(single).all():
            raise CheckpointError(f"its weight {key} holds values that are no finite numbers")
        return torch.from_numpy(single)

    def unread(self) -> list[str]:
        known = self._read | {"bn.num_batches_tracked"}
        return sorted(
            str(key)[:80] for key in self._state if key not in known and not str(key).startswith(_NOT_WEIGHTS)
        )


def _converted(config: PredictorConfig, weights: Weights) -> dict[str, Tensor]:
    """The weights under molq's names; W_i, W_h and W_o split by columns."""
    d_h = config.d_h
    w_i, w_h, w_o = (weights[f"message_passing.{name}.weight"] for name in ("W_i", "W_h", "W_o"))
    d_v = w_o.shape[1] - d_h
    made = {
        "encoder.W_i_atom.weight": w_i[:, :d_v],
        "encoder.W_h.weight": w_h[:, :d_h],
        "encoder.W_o_atom.weight": w_o[:, :d_v],
        "encoder.W_o_atom.bias": weights["message_passing.W_o.bias"],
        "encoder.W_o_msg.weight": w_o[:, d_v:],
    }
    if config.architecture == "dmpnn":
        made["encoder.W_i_bond.weight"] = w_i[:, d_v:]
    else:
        made["encoder.W_h_bond.weight"] = w_h[:, d_h:]
    if config.bias:
        made["encoder.W_i_atom.bias"] = weights["message_passing.W_i.bias"]
        made["encoder.b_h"] = weights["message_passing.W_h.bias"]
    if config.activation == "prelu":
        made["encoder.act.weight"] = weights["message_passing.tau.weight"]
    if config.readout == "attentive":
        made |= {f"readout.W.{part}": weights[f"agg.W.{part}"] for part in ("weight", "bias")}
    if config.batch_norm:
        made |= {f"bn.{part}": weights[f"bn.{part}"] for part in ("weight", "bias", "running_mean", "running_var")}
    made |= _head(config, weights)
    if config.kind == "regression" and "predictor.output_transform.mean" in weights:
        made["output_mean"] = weights["predictor.output_transform.mean"].reshape(-1)
        made["output_scale"] = weights["predictor.output_transform.scale"].reshape(-1)
    return made


def _head(config: PredictorConfig, weights: Weights) -> dict[str, Tensor]:
    made = {}
    for layer in range(len(config.head_hidden) + 1):
        key = head_key(layer)
        made[f"head.layers.{layer}.weight"] = weights[key]
        made[f"head.layers.{layer}.bias"] = weights[key.replace("weight", "bias")]
    if config.kind == "regression":
        last, n_logits = f"head.layers.{len(config.head_hidden)}", config.outputs.form.n_logits
        made |= {f"{last}.{part}": _by_task(made[f"{last}.{part}"], n_logits) for part in ("weight", "bias")}
    if config.n_extras:
        first = made["head.layers.0.weight"]
        made["head.layers.0.weight"], made["head.extras.weight"] = first[:, : config.d_h], first[:, config.d_h :]
    if config.n_extras and "X_d_transform.mean" in weights:
        for part in ("mean", "scale"):
            made[f"scaler.{part}"] = weights[f"X_d_transform.{part}"].reshape(-1)
    if config.head_activation == "prelu" and config.head_hidden:
        # chemprop stores its one slope again for every layer
        slopes = [weights[f"predictor.ffn.{layer}.0.weight"] for layer in range(1, len(config.head_hidden) + 1)]
        if not all(torch.equal(slope, slopes[0]) for slope in slopes):
            raise CheckpointError("the PReLU slopes of its head differ from layer to layer")
        made["head.act.weight"] = slopes[0]
    return made


def _by_task(rows: Tensor, n_logits: int) -> Tensor:
    """Rows of chemprop's last layer, all means first, then all variances, as those of one task after the other."""
    return rows.reshape(n_logits, -1, *rows.shape[1:]).transpose(0, 1).reshape(rows.shape)


def _filled(config: PredictorConfig, weights: dict[str, Tensor]) -> Predictor:
    with torch.device("meta"):  # shapes without memory: no file makes us allocate more than it holds
        expected = Predictor(config).state_dict()
    for key, value in weights.items():
        if key not in expected or value.shape != expected[key].shape:
            raise CheckpointError(f"its weights for {key} have shape {list(value.shape)}, which does not fit the rest")
    missing = sorted(key for key in set(expected) - set(weights) if not _has_default(key))
    if missing:
        raise CheckpointError(f"it lacks the weights for {', '.join(missing[:5])}")
    model = Predictor(config).eval()
    model.load_state_dict(weights, strict=False)
    return model


def _has_default(key: str) -> bool:
    return key in (
        "output_mean",
        "output_scale",
        "scaler.mean",
        "scaler.scale",
        "bn.num_batches_tracked",
        "head.act.weight",
        "encoder.padding.b_h",
        "encoder.padding.b_o",
    )

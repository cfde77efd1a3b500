"""chemprop's own networks with random weights, as files that molq must read or refuse."""

import re
from argparse import Namespace

import numpy as np
import pytest
import torch
from chemprop import models, nn

from molq.errors import CheckpointError
from molq.interop.checkpoint import read_checkpoint


def network(
    *,
    passing=nn.BondMessagePassing,
    agg="norm",
    head=nn.RegressionFFN,
    feature_set="V2",
    n_tasks=2,
    d_h=24,
    batch_norm=False,
    ffn_hidden=20,
    ffn_layers=1,
    ffn_activation="relu",
    scaled=False,
    n_extras=0,
    scaled_extras=False,
    seed=0,
    **passing_options,
):
    """A chemprop model with random weights, its biases, slopes and running statistics all away from their defaults."""
    torch.manual_seed(seed)
    d_v, d_e = {"V1": (133, 14), "V2": (72, 14), "ORGANIC": (44, 14), "RIGR": (52, 2)}[feature_set]
    aggregation = {
        "mean": nn.MeanAggregation,
        "sum": nn.SumAggregation,
        "norm": lambda: nn.NormAggregation(norm=37.5),
        "attentive": lambda: nn.AttentiveAggregation(output_size=d_h),
    }[agg]()
    scale = nn.UnscaleTransform(np.arange(n_tasks) - 2.5, np.arange(n_tasks) + 0.5) if scaled else None
    ffn = head(
        n_tasks=n_tasks,
        input_dim=d_h + n_extras,
        hidden_dim=ffn_hidden,
        n_layers=ffn_layers,
        activation=ffn_activation,
        output_transform=scale,
    )
    numbers = np.arange(n_extras)
    scaler = nn.ScaleTransform(numbers % 7 - 2.5, numbers % 5 + 0.5) if scaled_extras else None
    message_passing = passing(d_v=d_v, d_e=d_e, d_h=d_h, **passing_options)
    model = models.MPNN(message_passing, aggregation, ffn, batch_norm, X_d_transform=scaler)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.uniform_(-0.3, 0.3)
            elif parameter.numel() == 1:
                parameter.fill_(0.13)
        if batch_norm:
            model.bn.running_mean.uniform_(-0.2, 0.2)
            model.bn.running_var.uniform_(0.2, 2.0)
            model.bn.weight.uniform_(0.5, 1.5)
            model.bn.num_batches_tracked.fill_(7)
    return model.eval()


def refused(path, content, words):
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=words) as caught:
        read_checkpoint(path)
    assert str(caught.value).startswith(f"{path}: ")


def checkpoint(model):
    return {"hyper_parameters": model.hparams, "state_dict": dict(model.state_dict())}


def with_changes(hyper=None, state=None):
    content = checkpoint(network())
    content["hyper_parameters"]["message_passing"].update(hyper or {})
    for key, value in (state or {}).items():
        if value is None:
            del content["state_dict"][key]
        else:
            content["state_dict"][key] = value
    return content


def _v1_name(key):
    """What chemprop 1.6 calls a tensor of chemprop 2."""
    key = key.replace("message_passing.tau", "encoder.encoder.0.act_func")
    key = key.replace("message_passing.", "encoder.encoder.0.")
    if match := re.fullmatch(r"predictor\.ffn\.(\d)\.([02])\.(weight|bias)", key):
        layer, place = int(match[1]), int(match[2])
        return f"readout.{3 * layer + 1 if place == 2 or layer == 0 else 3 * layer - 1}.{match[3]}"
    return key


def v1_content(model, *, scaler=None, **args):
    """What chemprop 1 would have saved of a network."""
    state = {
        _v1_name(key): value
        for key, value in model.state_dict().items()
        if key.startswith(("predictor.ffn.", "message_passing."))
    }
    d_h = model.message_passing.W_h.weight.shape[0]
    state["encoder.encoder.0.cached_zero_vector"] = torch.zeros(d_h)
    is_regression = isinstance(model.predictor, nn.RegressionFFN)
    usual = {
        "dataset_type": "regression" if is_regression else "classification",
        "hidden_size": d_h,
        "depth": 3,
        "aggregation": "norm",
        "aggregation_norm": 37.5,
        "activation": "ReLU",
        "ffn_num_layers": 2,
        "task_names": ["a", "b"],
        "device": torch.device("cpu"),
        "features_generator": None,
    }
    names = ("data_scaler", "features_scaler", "atom_descriptor_scaler", "bond_descriptor_scaler")
    return {
        "args": Namespace(**usual | args),
        "state_dict": state,
        **dict.fromkeys(names),
        **({"data_scaler": scaler} if scaler else {}),
    }

"""One small configuration of every kind of network that the engine must execute, and networks made of them."""

from functools import cache

import torch
from molecules import DRUGS
from msgspec.structs import asdict

from molq.chem.featurize import featurize
from molq.nn.config import PredictorConfig, default_config
from molq.nn.mpnn import set_padding
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.scheme import SCHEMES

TASKS = ("a", "b")
VARIETY = [
    default_config("dmpnn", TASKS, "classification", d_h=32),
    default_config("dmpnn", TASKS, "classification", d_h=32, depth=1, readout="mean", head_hidden=()),
    default_config("dmpnn", TASKS, "regression", d_h=33, depth=5, bias=True, undirected=True, activation="tanh"),
    default_config(
        "dmpnn", TASKS, "classification", d_h=32, bias=True, batch_norm=True, activation="leakyrelu",
        readout="attentive", head_hidden=(40, 20), head_activation="elu",
    ),
    default_config("dmpnn", TASKS, "classification", d_h=32, feature_set="RIGR", activation="prelu", readout="sum"),
    default_config("ampnn", TASKS, "classification", d_h=32, depth=4),
    default_config("ampnn", TASKS, "regression", d_h=32, bias=True, undirected=True, activation="selu"),
    default_config("gine", TASKS, "classification", d_h=32, depth=3),
    default_config("gine", TASKS, "regression", d_h=32, depth=2, batch_norm=False, activation="elu", readout="sum"),
    default_config("attentivefp", TASKS, "classification", d_h=32, depth=3),
    default_config("dmpnn", TASKS, "regression", d_h=32, activation="elu", activated_residual=True, bias=True),
    default_config("ampnn", TASKS, "classification", d_h=32, activation="leakyrelu", activated_residual=True),
    default_config("dmpnn", TASKS, "classification", d_h=32, bias=True, padded_degree=4, undirected=True),
    default_config("ampnn", TASKS, "regression", d_h=32, bias=True, padded_degree=5),
]  # fmt: skip


def named(config: PredictorConfig) -> str:
    """A short name of a configuration: what sets it apart from the usual one, for the ids of tests."""
    usual = asdict(default_config(config.architecture, config.tasks, config.kind, d_h=32))
    changes = [f"{field}={value}" for field, value in asdict(config).items() if value != usual[field]]
    return " ".join([config.architecture, config.kind, *changes])


@cache
def network(config: PredictorConfig, scheme: str = "fp32") -> Predictor:
    """A network in which every number counts: no bias is 0, no statistic or unit 1, no slope its default. Shared."""
    torch.manual_seed(3)
    predictor = Predictor(config).eval()
    with torch.no_grad():
        for parameter in predictor.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
        for module in predictor.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 2.0)
        if config.padded_degree:
            set_padding(predictor.encoder)
        predictor.output_mean.normal_()
        predictor.output_scale.uniform_(0.5, 2.0)
    return quantize(predictor, SCHEMES[scheme], [featurize(DRUGS, recipe=predictor.recipe).graphs])

"""Scale migration leaves the function alone and evens out what quantization finds hard."""

from __future__ import annotations

import pytest
import torch
from molecules import DRUGS
from variety import VARIETY

from molq.chem.featurize import featurize
from molq.nn.config import PredictorConfig, default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.equalize import HOMOGENEOUS, equalize

GRAPHS = featurize(DRUGS).graphs
MORE = [
    default_config("gine", ("a",), "classification", d_h=16, depth=2, readout="attentive"),
    default_config("ampnn", ("a",), "regression", d_h=16, bias=True, undirected=True, batch_norm=True),
    default_config("dmpnn", ("a",), "regression", d_h=16, bias=True, activation="leakyrelu", head_hidden=(8, 8)),
]


def uneven(config: PredictorConfig) -> Predictor:
    torch.manual_seed(5)
    predictor = Predictor(config).eval()
    with torch.no_grad():
        for name, parameter in predictor.named_parameters():
            if parameter.ndim == 2 and "att" not in name:
                parameter.mul_(torch.exp(0.5 * torch.randn(len(parameter), 1)))
            elif parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
        for module in predictor.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2.0)
    return predictor


@pytest.mark.parametrize("config", VARIETY + MORE, ids=str)
def test_the_function_stays(config: PredictorConfig) -> None:
    predictor = uneven(config)
    before = {k: v.clone() for k, v in predictor.state_dict().items()}
    made = equalize(predictor, [GRAPHS])
    graph = to_tensors(GRAPHS, config.feature_set)
    with torch.no_grad():
        expected, logits = (
            predictor.double()(graph._replace(x=graph.x.double(), bond_attr=graph.bond_attr.double())),
            (made.double()(graph._replace(x=graph.x.double(), bond_attr=graph.bond_attr.double()))),
        )
    assert (logits - expected).abs().max() < 1e-5 * expected.abs().max()
    assert all(torch.equal(before[k].double(), v.double()) for k, v in predictor.state_dict().items())
    moved = any(not torch.equal(before[k].double(), v.double()) for k, v in made.state_dict().items())
    is_scalable = config.activation in HOMOGENEOUS and config.architecture != "attentivefp"
    assert moved == (is_scalable or config.batch_norm or config.head_hidden != ())


def test_channels_of_the_inputs_become_alike() -> None:
    predictor = uneven(VARIETY[0])
    spreads = []
    for model in (predictor, equalize(predictor, [GRAPHS], migration=1.0)):
        seen: list[torch.Tensor] = []
        hook = model.head.layers[1].register_forward_pre_hook(lambda _, args, seen=seen: seen.append(args[0]))
        with torch.no_grad():
            model(to_tensors(GRAPHS, model.feature_set))
        hook.remove()
        largest = seen[0].amax(0)
        largest = largest[largest > 0]
        spreads.append(float(largest.max() / largest.median()))
    assert spreads[1] < 1.5 < spreads[0]

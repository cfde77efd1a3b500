"""Scale migration leaves the function alone and evens out what quantization finds hard."""

from __future__ import annotations

import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, named

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.nn.config import PredictorConfig, default_config
from molq.nn.graph import to_tensors
from molq.nn.mpnn import set_padding
from molq.nn.predictor import Predictor
from molq.quant.equalize import HOMOGENEOUS, equalize
from molq.quant.layers import matrix_layers

GRAPHS = featurize(DRUGS).graphs
MORE = [
    default_config("dmpnn", ("a",), "classification", d_h=16, depth=2),
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
        if config.padded_degree:
            set_padding(predictor.encoder)
    return predictor


@pytest.mark.parametrize("config", VARIETY + MORE, ids=named)
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


MESSAGES = ("encoder.W_h", "encoder.W_o_msg")
READERS = {
    0: [MESSAGES, ("head.layers.0",), ("head.layers.1",)],
    1: [("encoder.W_o_msg",), ("head.layers.0",)],
    2: [("head.layers.1",)],  # tanh: the encoder stays
    3: [MESSAGES, ("head.layers.0",)],  # batch norm after the readout, and an elu in the head
    5: [MESSAGES, ("head.layers.0",), ("head.layers.1",)],
    7: [*((f"encoder.layers.{i}.mlp_{side}",) for i in range(3) for side in ("in", "out")), ("head.layers.0",),
        ("head.layers.1",)],
    9: [],
}  # fmt: skip


@pytest.mark.parametrize("migration", [0.5, 0.8])
@pytest.mark.parametrize("index", READERS)
def test_channels_are_scaled_by_equation_4(index: int, migration: float) -> None:
    """SmoothQuant: what reads a channel is divided by max|w|^(1 − α) / max|x|^α; the mean over channels is 1."""
    predictor = uneven(VARIETY[index])
    made = equalize(predictor, [slice_graphs(GRAPHS, 0, 5), slice_graphs(GRAPHS, 5, 12)], migration)
    largest = largest_inputs(predictor)
    for readers in READERS[index]:
        before, after = ([model.get_submodule(name).weight.detach().double() for name in readers]
                         for model in (predictor, made))  # fmt: skip
        inputs = torch.stack([largest[name] / largest[name].max() for name in readers]).amax(0).double()
        weights = torch.cat(before).abs().amax(0)
        log = (1 - migration) * weights.log() - migration * inputs.log()
        alive = torch.isfinite(log)
        assert alive.sum() > 8
        expected = torch.where(alive, (log - log[alive].mean()).exp().clamp(1 / 32, 32), 1.0)
        assert (expected != 1).any()
        assert all(rows_alone_moved(old / expected, new) for old, new in zip(before, after, strict=True))
    named = {name for readers in READERS[index] for name in readers}
    moved = {
        name
        for name, layer in matrix_layers(made).items()
        if not rows_alone_moved(predictor.get_submodule(name).weight, layer.weight)
    }
    assert moved == named


def largest_inputs(predictor: Predictor) -> dict[str, torch.Tensor]:
    """Largest magnitude [K] of every input channel of every matrix layer."""
    largest: dict[str, torch.Tensor] = {}
    hooks = [
        layer.register_forward_pre_hook(
            lambda _, arguments, name=name: largest.update(
                {name: torch.maximum(arguments[0].abs().amax(0), largest.get(name, torch.zeros(1)))}
            )
        )
        for name, layer in matrix_layers(predictor).items()
    ]
    with torch.no_grad():
        predictor(to_tensors(GRAPHS, predictor.feature_set))
    for hook in hooks:
        hook.remove()
    return largest


def rows_alone_moved(before: torch.Tensor, after: torch.Tensor) -> bool:
    """Whether every row is what it was but for one factor."""
    factor = (after / before).detach()
    return torch.allclose(factor, factor[:, :1].expand_as(factor), rtol=1e-4)

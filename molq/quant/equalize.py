"""Scale migration: the same function with channels of like size, from weights that are scaled and scaled back.

If an activation is positively homogeneous, τ(s·x) = s·τ(x) for s > 0, a hidden channel may be scaled by s when every
row that makes it is multiplied by s and every column that reads it divided by s. Rows cost nothing: each has its own
scale. In a D-MPNN, h = τ(h0 + Σ W_h·h) is made by W_i, b_h and W_h and read by W_h and W_o_msg. Sums over neighbours
and pooling are linear in a channel, so the states of atoms reach from W_o to the head.

Source: Nagel et al., Data-Free Quantization, ICCV 2019; Xiao et al., SmoothQuant, ICML 2023, equation 4.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from molq.chem.packed import PackedGraphs
from molq.nn.predictor import Predictor
from molq.quant.calibrate import tensors, watching

HOMOGENEOUS = ("relu", "leakyrelu", "prelu", "identity")
MIGRATION = 0.5
LIMIT = 32.0


class Channels(NamedTuple):
    """Hidden channels that can be scaled."""

    made_by: tuple[nn.Module, ...]
    """rows of ``weight`` and ``bias`` make a channel each"""
    biases: tuple[Tensor, ...]
    """further vectors [d] that are added to the channels"""
    read_by: tuple[str, ...]
    """layers whose columns read a channel each"""


def equalize(predictor: Predictor, batches: Iterable[PackedGraphs], migration: float = MIGRATION) -> Predictor:
    """A float predictor of the same function whose channels are about equally hard to quantize.

    Channels are divided by max|x|^migration / max|w|^(1 − migration) of what reads them. Layers after activations that
    are not positively homogeneous stay as they are.
    """
    made = copy.deepcopy(predictor)
    channels = _scalable(made)
    largest = _largest_inputs(made, batches, {name for group in channels for name in group.read_by})
    for group in channels:
        readers: list[Any] = [made.get_submodule(name) for name in group.read_by]
        inputs = torch.stack([largest[name] / largest[name].max().clamp(min=1e-30) for name in group.read_by])
        columns = torch.cat([layer.weight.detach() for layer in readers]).abs().amax(0)
        _scale(group, readers, _channel_scales(inputs.amax(0), columns, migration))
    return made


def _channel_scales(inputs: Tensor, columns: Tensor, migration: float) -> Tensor:
    """What to multiply channels by [d], from the largest input and weight of each; 1 where either is always 0."""
    log = (1 - migration) * columns.double().log() - migration * inputs.double().log()
    alive = torch.isfinite(log)
    if not alive.any():
        return torch.ones_like(inputs)
    scales = torch.exp(log - log[alive].mean()).clamp(1 / LIMIT, LIMIT)
    return torch.where(alive, scales, torch.ones_like(scales)).float()


@torch.no_grad()
def _scale(group: Channels, readers: list[Any], scales: Tensor) -> None:
    for module in group.made_by:
        for parameter in module.parameters(recurse=False):
            parameter.mul_(scales[:, None] if parameter.ndim == 2 else scales)
    for bias in group.biases:
        bias.mul_(scales)
    for layer in readers:
        layer.weight.div_(scales)


def _largest_inputs(predictor: Predictor, batches: Iterable[PackedGraphs], layers: set[str]) -> dict[str, Tensor]:
    """Largest magnitude [K] of every input channel of those layers."""
    largest: dict[str, Tensor] = {}

    def see(site: tuple[str, int], x: Tensor) -> None:
        here = x.abs().amax(0) if len(x) else torch.zeros(x.shape[1])
        name = site[0]
        largest[name] = torch.maximum(largest[name], here) if name in largest else here

    with watching(predictor, layers, see):
        for graph in tensors(predictor, batches):
            predictor(graph)
    return largest


def _scalable(predictor: Predictor) -> list[Channels]:
    """All groups of channels of the predictor that can be scaled without changing its function."""
    config, encoder = predictor.config, predictor.encoder
    groups = []
    if config.activation in HOMOGENEOUS and config.architecture in ("dmpnn", "ampnn"):
        makers = [encoder.W_i_atom, encoder.W_h]
        makers.append(encoder.W_i_bond if config.architecture == "dmpnn" else encoder.W_h_bond)
        biases = () if encoder.b_h is None else (encoder.b_h,)
        padding = encoder.padding
        readers = ("encoder.W_h", "encoder.W_o_msg") if config.depth > 1 else ("encoder.W_o_msg",)
        groups.append(Channels(tuple(makers), biases if padding is None else (*biases, padding.b_h), readers))
        if predictor.bn is None:
            made_by = (encoder.W_o_atom, encoder.W_o_msg)
            groups.append(Channels(made_by, () if padding is None else (padding.b_o,), _readers_of_atoms(predictor)))
    elif config.activation in HOMOGENEOUS and config.architecture == "gine":
        groups += _scalable_in_gine(predictor)
    if predictor.bn is not None:
        groups.append(Channels((predictor.bn,), (), ("head.layers.0",)))
    if config.head_activation in HOMOGENEOUS:
        layers = predictor.head.layers
        beside = () if predictor.head.extras is None else (predictor.head.extras,)
        for k in range(len(layers) - 1):
            groups.append(Channels((layers[k], *(beside if k == 0 else ())), (), (f"head.layers.{k + 1}",)))
    return groups


def _scalable_in_gine(predictor: Predictor) -> list[Channels]:
    groups = []
    maker = predictor.encoder.atom
    for i, layer in enumerate(predictor.encoder.layers):
        groups.append(Channels((maker, layer.bond), (), (f"encoder.layers.{i}.mlp_in",)))
        inner = layer.mlp_in if layer.bn is None else layer.bn
        groups.append(Channels((inner,), (), (f"encoder.layers.{i}.mlp_out",)))
        maker = layer.mlp_out
    return [*groups, Channels((maker,), (), _readers_of_atoms(predictor))]


def _readers_of_atoms(predictor: Predictor) -> tuple[str, ...]:
    attention = ("readout.W",) if predictor.config.readout == "attentive" else ()
    return (*attention, "head.layers.0")

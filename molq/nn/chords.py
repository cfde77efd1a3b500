"""What an encoder's inputs add to its states: chords of its activations, from a graph without features to the graph.

Everything between the activations of an encoder is linear. With the slope of each activation replaced by its chord,
(τ(u1) − τ(u0)) / (u1 − u0), between what it sees of the graph (1) and of a graph with no features at all (0), the chain
rule shares out a difference of states without remainder (DeepLIFT's rescale rule, Shrikumar et al. 2017).
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from molq.nn.activation import ACTIVATIONS, activation
from molq.nn.graph import GraphTensors

_FLAT, _NEAR = 1e-6, 1e-3
"""a step so short that a slope is taken at a point instead, from points so near"""
_ELEMENTWISE = tuple({type(activation(name)) for name in ACTIVATIONS})


class Chorded(NamedTuple):
    """An encoder whose activations, called with the rows of a graph and of one without features, have chords."""

    encoder: nn.Module
    alike: bool
    """whether all atoms and all edges without features have the same states, so that two of them stand for all"""


def with_chords(encoder: nn.Module) -> Chorded:
    """A copy of the encoder for ``input_parts``."""
    made = copy.deepcopy(encoder).eval().requires_grad_(False)
    alike = _is_alike(made)
    for name, module in list(made.named_modules()):
        if isinstance(module, _ELEMENTWISE):
            made.set_submodule(name, _Chord(module, alike))
    return Chorded(made, alike)


def input_parts(chorded: Chorded, graph: GraphTensors, slopes: Tensor) -> Tensor:
    """What each atom's features [N], with half of those of its bonds, add to Σ slopes · states; slopes [N, d].

    What the state of an atom has without any features is in its own part, so all parts sum to that Σ.
    """
    n = graph.x.shape[0]
    x, bonds = graph.x.clone().requires_grad_(), graph.bond_attr.clone().requires_grad_()
    with torch.enable_grad():
        states = chorded.encoder(_beside_nothing(graph._replace(x=x, bond_attr=bonds), chorded.alike))
        of_atoms, of_bonds = torch.autograd.grad((states[:n] * slopes).sum(), [x, bonds], allow_unused=True)
    nothing = states.detach()[n : n + 1] if chorded.alike else states.detach()[n:]
    parts = (nothing * slopes).sum(1)
    if of_atoms is not None:
        parts = parts + (x.detach() * of_atoms).sum(1)
    if of_bonds is not None:
        halves = (bonds.detach() * of_bonds).sum(1) / 2
        parts = parts.index_add(0, graph.src, halves.repeat_interleave(2))
    return parts.detach()


def _is_alike(encoder: Any) -> bool:
    if not hasattr(encoder, "W_i_atom"):
        return False
    inner = (encoder.W_i_atom.bias, encoder.b_h, encoder.padding)
    at_zero = encoder.act(torch.zeros(1, encoder.W_i_atom.out_features))
    return all(bias is None for bias in inner) and not at_zero.any()


def _beside_nothing(graph: GraphTensors, alike: bool) -> GraphTensors:
    """The graph, and after it the same without features; where those are ``alike``, two atoms and a bond of it."""
    n, m = graph.x.shape[0], graph.bond_attr.shape[0]
    src, dst = (torch.tensor([0, 1]), torch.tensor([1, 0])) if alike else (graph.src, graph.dst)
    return graph._replace(
        x=torch.cat([graph.x, graph.x.new_zeros(2 if alike else n, graph.x.shape[1])]),
        bond_attr=torch.cat([graph.bond_attr, graph.bond_attr.new_zeros(1 if alike else m, graph.bond_attr.shape[1])]),
        src=torch.cat([graph.src, src + n]),
        dst=torch.cat([graph.dst, dst + n]),
    )


class _Chord(nn.Module):
    def __init__(self, act: nn.Module, alike: bool) -> None:
        super().__init__()
        self.act, self.alike = act, alike

    def forward(self, u: Tensor) -> Tensor:
        found: Tensor = _ChordFunction.apply(u, self)
        return found


class _ChordFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, chord: _Chord) -> Tensor:
        y: Tensor = chord.act(u)
        n, last = (len(u) - 2, len(u) - 1) if chord.alike else (len(u) // 2, len(u))
        u0, y0 = u[n:last], y[n:last]
        step = u[:n] - u0
        is_flat = step.abs() < _FLAT * (1 + u0.abs())
        slope = (y[:n] - y0) / torch.where(is_flat, 1, step)
        if is_flat.any():
            near = (u > 0).float() if isinstance(chord.act, nn.ReLU) else _slope_at(chord.act, u)
            slope = torch.where(is_flat, near[:n], slope)
        ctx.save_for_backward(slope)
        ctx.n_nothing = len(u) - n
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        (slope,) = ctx.saved_tensors
        of_nothing = slope.new_zeros(ctx.n_nothing, slope.shape[1])
        return torch.cat([grads[0][: len(slope)] * slope, of_nothing]), None


def _slope_at(act: nn.Module, u: Tensor) -> Tensor:
    found: Tensor = (act(u + _NEAR) - act(u - _NEAR)) / (2 * _NEAR)
    return found

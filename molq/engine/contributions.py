"""What each atom adds to an output: steps from no atoms to all of them, shared among atoms without remainder.

Readouts are sums, so a head sees z = Σ of atom vectors. With every atom grown from nothing at once, t·z for t from 0 to
1, the part of a vector, and so of the environment it stands for, is the integral of the head's slope along that way
times the vector (Aumann and Shapley 1974; integrated gradients, Sundararajan et al. 2017). For one hidden layer the
integral of each channel's slope is the chord of its activation, (τ(u1) − τ(u0)) / (u1 − u0), whatever the activation;
deeper heads take the chords of each layer (DeepLIFT's rescale rule, Shrikumar et al. 2017). The same chords lead on
through the encoder (``nn/chords.py``) from vectors to the features of atoms and bonds, of which atoms' parts are made.

Head and vectors are those executed; the encoder is that of the stored weights without rounded activations. What is left
is what numbers of 8 or 32 bits round off, and it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, slice_graphs
from molq.engine import kernels
from molq.engine.activation import Activation
from molq.engine.log_odds import Output
from molq.engine.outputs import F32, F64
from molq.engine.pooling import HeadPath, HeadPlan, Hidden, Share
from molq.nn.chords import Chorded, input_parts, with_chords
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.nn.torch_state import torch_state
from molq.quant.layers import dequantized

_FLAT = 1e-5
"""a step of a channel so short that its slope is taken at a point instead, from points so near:"""
_NEAR = 1e-3
TILE_MOLECULES = 64
"""whose edges are in memory at once, for every activation of an encoder"""


class Parts(NamedTuple):
    """Of n molecules of N atoms: ``nothing`` + ``features`` + Σ ``atoms`` + ``rounding`` = ``output``."""

    atoms: F64
    """[N], of the features of each atom and of half of its bonds"""
    environments: F64
    """[N], of the vector of each atom's environment; their sum is that of ``atoms`` but for rounding"""
    atom_ptr: NDArray[np.int32]
    """[n+1]"""
    output: F64
    """[n], of the executed model"""
    nothing: float
    """output of no atoms, with the mean of the molecule features"""
    features: F64 | None
    """[n], of the molecule features that a head takes beside the atoms; None where it takes none"""
    rounding: F64
    """[n]"""


class MemberReading(NamedTuple):
    """What one member of a network computed of a block of molecules."""

    states: F32
    """[m, d]"""
    row: NDArray[np.int32]
    """[N], the state of each atom"""
    share: Share
    path: HeadPath
    start: HeadPath
    """of no atoms, one row"""
    head: HeadPlan
    inputs: Inputs


class Inputs:
    """The encoder of a member as what shares out slopes by its states among its inputs."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def parts(self, block: PackedGraphs, slopes: F64, weight: F64) -> F64:
        """Of each atom's features [N]; slopes [n, d] by a molecule's vector, which takes ``weight`` [N] of each."""
        with torch_state(1):
            found = [
                input_parts(self._encoder, to_tensors(few, self._predictor.feature_set), torch.from_numpy(by_state))
                for few, by_state in self._tiles(block, slopes, weight)
            ]
        return torch.cat(found).double().numpy()

    def _tiles(self, block: PackedGraphs, slopes: F64, weight: F64) -> Iterator[tuple[PackedGraphs, F32]]:
        """Few molecules at a time, and the slopes by the states of their atoms."""
        for first in range(0, block.n_mols, TILE_MOLECULES):
            few = slice_graphs(block, first, first + TILE_MOLECULES)
            at = slice(block.atom_ptr[first], block.atom_ptr[first + few.n_mols])
            rows = np.repeat(slopes[first : first + few.n_mols], np.diff(few.atom_ptr), axis=0)
            yield few, (rows * weight[at, None]).astype(np.float32)

    @cached_property
    def _encoder(self) -> Chorded:
        return with_chords(dequantized(self._predictor).encoder)


def slopes_by_vector(member: MemberReading, slopes: F64) -> tuple[F64, F64 | None]:
    """Slopes [n, d] by the head's vector of slopes [n, L] by its logits, and what the extras give [n]."""
    *hidden, last = member.head.weights
    found = slopes @ last
    at_first = slopes
    steps = zip(member.start.hidden, member.path.hidden, hidden, strict=True)
    for start, end, weight in reversed(list(steps)):
        at_first = found * _chords(start, end, member.head.act)
        found = at_first @ weight
    extras = member.path.extras
    return found, None if extras is None else (at_first * extras).sum(1)


def _chords(start: Hidden, end: Hidden, act: Activation) -> F64:
    """Slopes [n, width] of an activation on the way from ``start`` [1, width] to ``end`` [n, width]."""
    step = end.before.astype(np.float64) - start.before
    is_flat = np.abs(step) < _FLAT * (1 + np.abs(start.before))
    chords: F64 = (end.after.astype(np.float64) - start.after) / np.where(is_flat, 1, step)
    if is_flat.any():
        above, below = (np.where(is_flat, end.before + side * _NEAR, 0).astype(np.float32) for side in (1, -1))
        kernels.activate_rows(above, *act)
        kernels.activate_rows(below, *act)
        chords = np.where(is_flat, (above.astype(np.float64) - below) / (2 * _NEAR), chords)
    return chords


def parts_of(block: PackedGraphs, members: Sequence[MemberReading], output: Output) -> Parts:
    """Of one output of a block of molecules, from what its members computed."""
    start = np.stack([m.start.logits.astype(np.float64) for m in members], axis=1)  # [1, M, L]
    logits = np.stack([m.path.logits.astype(np.float64) for m in members], axis=1)  # [n, M, L]
    weights = output.weights(start, logits)
    atoms, environments = np.zeros(len(block.atoms)), np.zeros(len(block.atoms))
    features = None if members[0].path.extras is None else np.zeros(block.n_mols)
    for m, member in enumerate(members):
        slopes, of_extras = slopes_by_vector(member, weights[:, m])
        slopes = slopes * member.share.scale
        weight = member.share.weight
        kernels.add_products(member.states, member.row, weight, slopes, block.atom_ptr, environments)
        atoms += member.inputs.parts(block, slopes, weight)
        if features is not None and of_extras is not None:
            features += of_extras
    value, nothing = output.value(logits), float(output.value(start)[0])
    known = nothing + np.add.reduceat(atoms, block.atom_ptr[:-1])
    rounding = value - (known if features is None else known + features)
    return Parts(atoms, environments, block.atom_ptr, value, nothing, features, rounding)


def joined(blocks: Sequence[Parts]) -> Parts:
    """Of all molecules, block after block."""
    if not blocks:
        none = np.empty(0)
        return Parts(none, none, np.zeros(1, np.int32), none, np.nan, None, none)
    features = [block.features for block in blocks if block.features is not None]
    sizes = np.concatenate([np.diff(block.atom_ptr) for block in blocks])
    return Parts(
        np.concatenate([block.atoms for block in blocks]),
        np.concatenate([block.environments for block in blocks]),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        np.concatenate([block.output for block in blocks]),
        blocks[0].nothing,
        np.concatenate(features) if features else None,
        np.concatenate([block.rounding for block in blocks]),
    )

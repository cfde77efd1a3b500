"""Plan for GINE: every atom environment computed once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from molq.chem.features import FeatureTable
from molq.engine import kernels
from molq.engine.activation import Activation, lower_activation
from molq.engine.environments import AtomEnvironments, Ints
from molq.engine.pooling import Pooling, batch_norm
from molq.engine.product import F32, Product, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, LevelRows, bond_table
from molq.engine.walk import Walk
from molq.nn.predictor import Predictor


class _Layer(NamedTuple):
    own: np.float32
    """1 + ε"""
    bond: F32
    mlp_in: Product
    scale: F32
    shift: F32
    """bias of mlp_in and batch norm, as one scale and one shift [d]"""
    inner: Activation
    mlp_out: Product


class GINEPlan:
    """Walk and environment numbers to molecule vectors of a GINE."""

    def __init__(self, predictor: Predictor, environments: AtomEnvironments, scratch: Scratch) -> None:
        encoder, self._features = predictor.encoder, FeatureTable(predictor.feature_set)
        self.d, self._environments, self._scratch = predictor.config.d_h, environments, scratch
        self._act = lower_activation(encoder.act)
        self._atom = AtomTable(encoder.atom, self._features)
        self._layers = [self._lower(layer) for layer in encoder.layers]
        self.pooling = Pooling(predictor)
        self._states = [LevelRows(level, self.d) for level in environments.levels]
        """per radius and environment, the state of the atom"""

    def pool(self, walk: Walk, atom_environment: Ints, out: F32) -> None:
        """out [n, d] ← molecule vectors; ``atom_environment`` [N] holds the number of each atom's environment."""
        self.fill()
        self.pooling.pool(self._states[-1].array, atom_environment, walk.mol_ptr, out)

    def fill(self) -> None:
        """Computes the states of the environments that are new."""
        self._fill_first()
        for t, layer in enumerate(self._layers, start=1):
            self._fill(t, layer)

    @property
    def states(self) -> F32:
        """[m, d] states of the environments of atoms that were met, by their numbers, once they are pooled."""
        return self._states[-1].array

    def _fill_first(self) -> None:
        new, h = self._environments.levels[0].new, self._states[0].new()
        if new.n:
            h[:] = self._atom.rows(self._environments.vocabulary.atoms)[new.atom]
            kernels.activate_rows(h, *self._act)

    def _fill(self, t: int, layer: _Layer) -> None:
        new, h = self._environments.levels[t].new, self._states[t].new()
        below = self._states[t - 1].array
        for at, part in new.tiles():
            z = self._scratch.lend("states", h[at].shape, np.float32)
            inner = self._scratch.lend("inner", h[at].shape, np.float32)
            kernels.isomorphism_sums(part.root, part.ptr, part.children, below, layer.bond, layer.own, z)
            layer.mlp_in.apply(z, inner)
            kernels.affine_and_activate(inner, layer.scale, layer.shift, *layer.inner)
            layer.mlp_out.apply(inner, h[at])
            kernels.bias_and_activate(h[at], layer.mlp_out.bias, *self._act)

    def _lower(self, layer: Any) -> _Layer:
        mlp_in = lower_layer(layer.mlp_in, 0, self._scratch)
        scale, shift = np.ones(self.d, np.float32), mlp_in.bias
        if layer.bn is not None:
            scale, shift = batch_norm(layer.bn)
            shift = mlp_in.bias * scale + shift
        return _Layer(
            np.float32(1 + layer.eps.item()),
            bond_table(layer.bond, self._features),
            mlp_in,
            scale,
            shift,
            lower_activation(layer.act),
            lower_layer(layer.mlp_out, 0, self._scratch),
        )

"""Plan for GINE."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from molq.chem.features import FeatureTable
from molq.engine import kernels
from molq.engine.activation import Activation, lower_activation
from molq.engine.pooling import Pooling, batch_norm
from molq.engine.product import F32, Product, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, bond_table
from molq.engine.walk import Vocabulary, Walk
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
    """Walk to molecule vectors of a GINE."""

    def __init__(self, predictor: Predictor, vocabulary: Vocabulary, scratch: Scratch) -> None:
        encoder, self._features = predictor.encoder, FeatureTable(predictor.feature_set)
        self.d, self.vocabulary, self._scratch = predictor.config.d_h, vocabulary, scratch
        self._activation = predictor.config.activation
        self.act = lower_activation(self._activation, encoder.act)
        self.atom = AtomTable(encoder.atom, self._features)
        self.layers = [self._lower(layer) for layer in encoder.layers]
        self.pooling = Pooling(predictor)

    def pool(self, walk: Walk, out: F32) -> None:
        """out [n, d] ← molecule vectors."""
        shape = (len(walk.atom), self.d)
        h, z, inner = (self._scratch.lend(f"gine_{what}", shape, np.float32) for what in ("h", "z", "inner"))
        kernels.gather_activated(self.atom.rows(self.vocabulary.atoms), walk.atom, *self.act, h)
        for layer in self.layers:
            kernels.isomorphism_sum(h, layer.bond, walk.bond, walk.ends, walk.in_ptr, walk.in_edge, layer.own, z)
            layer.mlp_in.apply(z, inner)
            kernels.affine_and_activate(inner, layer.scale, layer.shift, *layer.inner)
            layer.mlp_out.apply(inner, h)
            kernels.bias_and_activate(h, layer.mlp_out.bias, *self.act)
        self.pooling.pool(h, walk.atom_rows, walk.mol_ptr, out)

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
            lower_activation(self._activation, layer.act),
            lower_layer(layer.mlp_out, 0, self._scratch),
        )

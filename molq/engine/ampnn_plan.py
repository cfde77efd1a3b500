"""Plan for message passing along atoms."""

from __future__ import annotations

import numpy as np

from molq.chem.features import FeatureTable
from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.pooling import Pooling
from molq.engine.product import F32, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, bond_table
from molq.engine.walk import Vocabulary, Walk
from molq.nn.predictor import Predictor


class AMPNNPlan:
    """Walk to molecule vectors of message passing along atoms."""

    def __init__(self, predictor: Predictor, vocabulary: Vocabulary, scratch: Scratch) -> None:
        encoder, features = predictor.encoder, FeatureTable(predictor.feature_set)
        self.d, self.undirected = predictor.config.d_h, predictor.config.undirected
        self.vocabulary, self._scratch = vocabulary, scratch
        self.act = lower_activation(predictor.config.activation, encoder.act)
        self.atom_in, self.atom_out = AtomTable(encoder.W_i_atom, features), AtomTable(encoder.W_o_atom, features)
        self.bond = bond_table(encoder.W_h_bond, features)
        self.steps = [lower_layer(encoder.W_h, site, scratch) for site in range(predictor.config.depth - 1)]
        self.bias = np.zeros(self.d, np.float32) if encoder.b_h is None else encoder.b_h.detach().numpy()
        self.out = lower_layer(encoder.W_o_msg, 0, scratch)
        self.pooling = Pooling(predictor)

    def pool(self, walk: Walk, out: F32) -> None:
        """out [n, d] ← molecule vectors."""
        shape = (len(walk.atom), self.d)
        h0 = self.atom_in.rows(self.vocabulary.atoms)
        h, p, message = (self._scratch.lend(f"atom_{what}", shape, np.float32) for what in ("h", "p", "message"))
        kernels.gather_activated(h0, walk.atom, *self.act, h)
        for product in self.steps:
            product.apply(h, p)
            kernels.sum_neighbours(p, walk.ends, walk.in_ptr, walk.in_edge, message)
            kernels.update_atoms(
                h0, walk.atom, self.bond, walk.bond, walk.in_ptr, walk.in_edge, message, p, self.undirected,
                self.bias, *self.act, h,
            )  # fmt: skip
        kernels.sum_neighbours(h, walk.ends, walk.in_ptr, walk.in_edge, message)
        self.out.apply(message, h)
        kernels.add_table(h, self.atom_out.rows(self.vocabulary.atoms), walk.atom, *self.act)
        self.pooling.pool(h, walk.atom_rows, walk.mol_ptr, out)

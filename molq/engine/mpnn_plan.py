"""Plans for message passing along directed bonds and along atoms.

The first message step of a D-MPNN is a function of (atom, bond) pairs, of which there are a few thousand in any
library, so its state and its matrix product are look-ups too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.chem.features import FeatureTable
from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.pooling import Pooling
from molq.engine.product import F32, Product, StaticProduct, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, GrowingRows, bond_table
from molq.engine.walk import Vocabulary, Walk
from molq.nn.predictor import Predictor


class DMPNNPlan:
    """Walk to molecule vectors of a D-MPNN."""

    def __init__(self, predictor: Predictor, vocabulary: Vocabulary, scratch: Scratch) -> None:
        encoder, features = predictor.encoder, FeatureTable(predictor.feature_set)
        self.d, self.undirected = predictor.config.d_h, predictor.config.undirected
        self.vocabulary, self._scratch = vocabulary, scratch
        self.act = lower_activation(predictor.config.activation, encoder.act)
        self.atom_in, self.bond_in = AtomTable(encoder.W_i_atom, features), bond_table(encoder.W_i_bond, features)
        self.atom_out = AtomTable(encoder.W_o_atom, features)
        self.steps = [lower_layer(encoder.W_h, site, scratch) for site in range(predictor.config.depth - 1)]
        self.bias = np.zeros(self.d, np.float32) if encoder.b_h is None else encoder.b_h.detach().numpy()
        self.out = lower_layer(encoder.W_o_msg, 0, scratch)
        self.pooling = Pooling(predictor)
        self._initial = GrowingRows(self.d, np.float32)
        first_type = np.int32 if self.steps and isinstance(self.steps[0], StaticProduct) else np.float32
        self._first = GrowingRows(self.d, first_type)

    def pool(self, walk: Walk, out: F32) -> None:
        """out [n, d] ← molecule vectors."""
        self._fill_pairs()
        h0 = self._initial.array
        totals = self._scratch.lend("atom_totals", (len(walk.atom), self.d), np.float32)
        if self.steps:
            p, row = self._first.array, walk.pair
            for step, product in enumerate(self.steps):
                if step > 0 or self.undirected:
                    p, row = self._next_products(walk, h0, p, row, step), walk.edge
                total = self._scratch.lend(f"sums_{p.dtype}", (len(walk.atom), self.d), p.dtype)
                kernels.sum_incoming(p, row, walk.in_ptr, walk.in_edge, total)
                self._message = (total, p, row, message_scale(product), self.bias)
            kernels.update_and_sum(
                walk.ends, walk.in_ptr, walk.in_edge, h0, walk.pair, *self._message, *self.act, totals
            )
        else:
            h = self._scratch.lend("edge_states", (len(walk.edge), self.d), np.float32)
            kernels.gather_activated(h0, walk.pair, *self.act, h)
            kernels.sum_incoming(h, walk.edge, walk.in_ptr, walk.in_edge, totals)
        finish_atoms(self, totals, walk, out)

    def _next_products(
        self, walk: Walk, h0: F32, p: NDArray[np.generic], row: NDArray[np.int32], step: int
    ) -> NDArray[np.generic]:
        """Products [2B, d] of the edge states before ``step``: int32 totals when static, else float32."""
        product, shape = self.steps[step], (len(walk.edge), self.d)
        if isinstance(product, StaticProduct) and step > 0 and not self.undirected:
            q = self._scratch.lend("edge_codes", shape, np.uint8)
            kernels.update_edges_quantized(
                walk.ends, h0, walk.pair, *self._message, *self.act, product.inverse, product.zero, q
            )
        else:
            h = self._scratch.lend("edge_states", shape, np.float32)
            if step == 0:
                kernels.gather_activated(h0, walk.pair, *self.act, h)
            else:
                kernels.update_edges(walk.ends, h0, walk.pair, *self._message, *self.act, h)
            if self.undirected:
                kernels.average_with_reverse(h)
            if not isinstance(product, StaticProduct):
                result = self._scratch.lend("edge_products", shape, np.float32)
                product.apply(h, result)
                return result
            q = self._scratch.lend("edge_codes", shape, np.uint8)
            kernels.quantize_rows(h, product.inverse, product.zero, q)
        totals = self._scratch.lend("edge_totals", shape, np.int32)
        product.totals(q, totals)
        return totals

    def _fill_pairs(self) -> None:
        """States and first products of the pairs that are new in the vocabulary."""
        pairs = self.vocabulary.pairs
        if self._initial.n == len(pairs):
            return
        new = pairs[self._initial.n :]
        h0 = self._initial.extend(len(pairs))
        h0[:] = self.atom_in.rows(self.vocabulary.atoms)[new[:, 0]] + self.bond_in[new[:, 1]]
        first = self._first.extend(len(pairs))
        if not self.steps or self.undirected:
            return
        h = np.empty_like(h0)
        kernels.gather_activated(h0, np.arange(len(new), dtype=np.int32), *self.act, h)
        product = self.steps[0]
        if isinstance(product, StaticProduct):
            q = np.empty(h.shape, np.uint8)
            kernels.quantize_rows(h, product.inverse, product.zero, q)
            product.totals(q, first)
        else:
            product.apply(h, first)


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
        finish_atoms(self, message, walk, out)


def finish_atoms(plan: DMPNNPlan | AMPNNPlan, totals: F32, walk: Walk, out: F32) -> None:
    """out [n, d] ← readout of activation(table[atom] + W_o·totals), totals [N, d] being the messages into each atom."""
    table = plan.atom_out.rows(plan.vocabulary.atoms)
    if isinstance(plan.out, StaticProduct) and plan.pooling.sums:
        q = plan._scratch.lend("codes", totals.shape, np.uint8)
        kernels.quantize_rows(totals, plan.out.inverse, plan.out.zero, q)
        products = plan._scratch.lend("totals", totals.shape, np.int32)
        plan.out.totals(q, products)
        kernels.add_table_rescaled_and_pool(products, plan.out.scale, table, walk.atom, *plan.act, walk.mol_ptr, out)
        plan.pooling.finish(walk.mol_ptr, out)
        return
    h = plan._scratch.lend("atom_states", totals.shape, np.float32)
    plan.out.apply(totals, h)
    kernels.add_table(h, table, walk.atom, *plan.act)
    plan.pooling.pool(h, walk.mol_ptr, out)


def message_scale(product: Product) -> F32:
    """What turns a product of that layer into its float value [d]: the combined scales of int32 totals, else ones."""
    return product.scale if isinstance(product, StaticProduct) else np.ones(product.n, np.float32)

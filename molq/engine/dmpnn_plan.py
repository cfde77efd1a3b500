"""Plan for message passing along directed bonds: every environment computed once, molecules put together from them.

An environment's state needs only the environments that feed it, so the network runs over lists of environments and
never over the edges of molecules. What a library repeats, and drug-like libraries repeat most of it, costs one row of a
look-up table.
"""

from __future__ import annotations

import numpy as np

from molq.chem.features import FeatureTable
from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.environments import EdgeEnvironments, Level
from molq.engine.pooling import Pooling
from molq.engine.product import F32, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, GrowingRows, LevelRows, bond_table
from molq.engine.walk import Walk
from molq.nn.predictor import Predictor


class DMPNNPlan:
    """Walk and environment numbers to molecule vectors of a D-MPNN."""

    def __init__(self, predictor: Predictor, environments: EdgeEnvironments, scratch: Scratch) -> None:
        encoder, features = predictor.encoder, FeatureTable(predictor.feature_set)
        self.d, self._environments, self._scratch = predictor.config.d_h, environments, scratch
        self._act = lower_activation(predictor.config.activation, encoder.act)
        self._atom_in, self._bond_in = AtomTable(encoder.W_i_atom, features), bond_table(encoder.W_i_bond, features)
        self._atom_out = AtomTable(encoder.W_o_atom, features)
        self._steps = [lower_layer(encoder.W_h, site, scratch) for site in range(predictor.config.depth - 1)]
        self._bias = np.zeros(self.d, np.float32) if encoder.b_h is None else encoder.b_h.detach().numpy()
        self._out = lower_layer(encoder.W_o_msg, 0, scratch)
        self._pooling = Pooling(predictor)
        self._initial = GrowingRows(self.d, np.float32)
        """edge state before the activation, per pair"""
        self._messages = [LevelRows(self.d) for _ in range(predictor.config.depth)]
        """per radius and environment, what it sends on: its product with W_h, or at the last radius its state"""
        self._atoms = LevelRows(self.d)
        """state of the atom, per atom environment"""

    def pool(self, walk: Walk, atom_environment: np.ndarray, out: F32) -> None:
        """out [n, d] ← molecule vectors; ``atom_environment`` [N] holds the number of each atom's environment."""
        self._fill_pairs()
        for t, level in enumerate(self._environments.edges, start=1):
            self._fill_edges(t, level)
        self._fill_atoms(self._environments.atoms)
        self._pooling.pool(self._atoms.array, atom_environment, walk.mol_ptr, out)

    def _fill_pairs(self) -> None:
        vocabulary = self._environments.vocabulary
        new = vocabulary.pairs[self._initial.n :]
        if not len(new):
            return
        h0 = self._initial.extend(len(vocabulary.pairs))
        h0[:] = self._atom_in.rows(vocabulary.atoms)[new[:, 0]] + self._bond_in[new[:, 1]]
        h = h0.copy()
        kernels.activate_rows(h, *self._act)
        self._send(0, h, self._messages[0].extend(len(vocabulary.pairs)))

    def _fill_edges(self, t: int, level: Level) -> None:
        first = self._messages[t].follow(level)
        if first == level.n:
            return
        h = self._scratch.lend("states", (level.n - first, self.d), np.float32)
        kernels.environment_states(
            first, level.root, level.ptr, level.children, self._initial.array, self._messages[t - 1].array,
            self._bias, *self._act, h,
        )  # fmt: skip
        self._send(t, h, self._messages[t].extend(level.n))

    def _fill_atoms(self, level: Level) -> None:
        first = self._atoms.follow(level)
        if first == level.n:
            return
        total = self._scratch.lend("states", (level.n - first, self.d), np.float32)
        kernels.environment_sums(first, level.ptr, level.children, self._messages[-1].array, total)
        h = self._atoms.extend(level.n)
        self._out.apply(total, h)
        table = self._atom_out.rows(self._environments.vocabulary.atoms)
        kernels.add_table(h, table, level.root[first : level.n], *self._act)

    def _send(self, t: int, h: F32, out: F32) -> None:
        """out ← what environments of radius ``t`` with states h send on."""
        if t < len(self._steps):
            self._steps[t].apply(h, out)
        else:
            out[:] = h

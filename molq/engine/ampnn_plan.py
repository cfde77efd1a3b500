"""Plan for message passing along atoms: every atom environment computed once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.chem.features import FeatureTable
from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.environments import AtomEnvironments, Level
from molq.engine.pooling import Pooling
from molq.engine.product import F32, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, GrowingRows, LevelRows, bond_table
from molq.engine.walk import Walk
from molq.nn.predictor import Predictor


class AMPNNPlan:
    """Walk and environment numbers to molecule vectors of message passing along atoms."""

    def __init__(self, predictor: Predictor, environments: AtomEnvironments, scratch: Scratch) -> None:
        encoder, features = predictor.encoder, FeatureTable(predictor.feature_set)
        depth = predictor.config.depth
        self.d, self._environments, self._scratch = predictor.config.d_h, environments, scratch
        self._act = lower_activation(predictor.config.activation, encoder.act)
        self._undirected = predictor.config.undirected
        self._atom_in, self._atom_out = AtomTable(encoder.W_i_atom, features), AtomTable(encoder.W_o_atom, features)
        self._bond = bond_table(encoder.W_h_bond, features)
        self._no_bond = np.zeros_like(self._bond)
        self._steps = [lower_layer(encoder.W_h, site, scratch) for site in range(depth - 1)]
        self._bias = np.zeros(self.d, np.float32) if encoder.b_h is None else encoder.b_h.detach().numpy()
        self._out = lower_layer(encoder.W_o_msg, 0, scratch)
        self._pooling = Pooling(predictor)
        self._messages = [LevelRows(self.d) for _ in range(depth)]
        """per radius and environment, its product with W_h, or at the last radius its state"""
        self._atom_of: list[GrowingRows] = [GrowingRows(1, np.int32) for _ in range(depth)]
        """per radius and environment, the vocabulary row of its atom"""
        self._final = LevelRows(self.d)

    def pool(self, walk: Walk, atom_environment: NDArray[np.int32], out: F32) -> None:
        """out [n, d] ← molecule vectors; ``atom_environment`` [N] holds the number of each atom's environment."""
        self._fill_first()
        *inner, last = self._environments.levels
        for t, level in enumerate(inner, start=1):
            self._fill(t, level)
        self._fill_final(last)
        self._pooling.pool(self._final.array, atom_environment, walk.mol_ptr, out)

    def _fill_first(self) -> None:
        n, first = len(self._environments.vocabulary.atoms), self._messages[0].n
        if first == n:
            return
        h = self._atom_in.rows(self._environments.vocabulary.atoms)[first:].copy()
        kernels.activate_rows(h, *self._act)
        self._atom_of[0].extend(n)[:, 0] = np.arange(first, n)
        self._send(0, h, self._messages[0].extend(n))

    def _fill(self, t: int, level: Level) -> None:
        first = self._messages[t].follow(level)
        if first == level.n:
            return
        self._atom_of[t].n = first
        atom = self._atom_of[t - 1].array[level.root[first : level.n], 0]
        self._atom_of[t].extend(level.n)[:, 0] = atom
        h = self._scratch.lend("states", (level.n - first, self.d), np.float32)
        message = self._messages[t - 1].array
        kernels.neighbour_sums(first, level.ptr, level.children, message, self._bond, h)
        if self._undirected:
            self._average_with_own(first, level, message, h)
        h += self._bias
        kernels.add_table(h, self._atom_in.rows(self._environments.vocabulary.atoms), atom, *self._act)
        self._send(t, h, self._messages[t].extend(level.n))

    def _average_with_own(self, first: int, level: Level, message: F32, h: F32) -> None:
        """h ← (Σ neighbours' messages + degree · own message) / 2 + Σ bond terms, from both sums."""
        plain = np.empty_like(h)
        kernels.neighbour_sums(first, level.ptr, level.children, message, self._no_bond, plain)
        degree = np.diff(level.ptr[first : level.n + 1]).astype(np.float32)[:, None]
        h += (degree * message[level.root[first : level.n]] - plain) * np.float32(0.5)

    def _fill_final(self, level: Level) -> None:
        first = self._final.follow(level)
        if first == level.n:
            return
        atom = self._atom_of[-1].array[level.root[first : level.n], 0]
        total = self._scratch.lend("states", (level.n - first, self.d), np.float32)
        kernels.neighbour_sums(first, level.ptr, level.children, self._messages[-1].array, self._no_bond, total)
        h = self._final.extend(level.n)
        self._out.apply(total, h)
        kernels.add_table(h, self._atom_out.rows(self._environments.vocabulary.atoms), atom, *self._act)

    def _send(self, t: int, h: F32, out: F32) -> None:
        if t < len(self._steps):
            self._steps[t].apply(h, out)
        else:
            out[:] = h

"""Plan for message passing along atoms: every atom environment computed once."""

from __future__ import annotations

import numpy as np

from molq.chem.features import FeatureTable
from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.biases import Biases
from molq.engine.environments import AtomEnvironments, Ints, New
from molq.engine.pooling import Pooling
from molq.engine.product import F32, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, LevelRows, bond_table
from molq.engine.walk import Walk
from molq.nn.predictor import Predictor


class AMPNNPlan:
    """Walk and environment numbers to molecule vectors of message passing along atoms."""

    def __init__(self, predictor: Predictor, environments: AtomEnvironments, scratch: Scratch) -> None:
        encoder, features = predictor.encoder, FeatureTable(predictor.feature_set)
        depth = predictor.config.depth
        self.d, self._environments, self._scratch = predictor.config.d_h, environments, scratch
        self._act = lower_activation(encoder.act)
        self._undirected = predictor.config.undirected
        self._activated_residual = encoder.activated_residual
        self._atom_in, self._atom_out = AtomTable(encoder.W_i_atom, features), AtomTable(encoder.W_o_atom, features)
        self._bond = bond_table(encoder.W_h_bond, features)
        self._no_bond = np.zeros_like(self._bond)
        self._steps = [lower_layer(encoder.W_h, site, scratch) for site in range(depth - 1)]
        self._biases = Biases(encoder, self.d)
        self._out = lower_layer(encoder.W_o_msg, 0, scratch)
        self.pooling = Pooling(predictor)
        *inner, last = environments.levels
        self._messages = [LevelRows(level, self.d) for level in inner]
        """per radius and environment, its product with W_h, or at the last radius its state"""
        self._final = LevelRows(last, self.d)

    def pool(self, walk: Walk, atom_environment: Ints, out: F32) -> None:
        """out [n, d] ← molecule vectors; ``atom_environment`` [N] holds the number of each atom's environment."""
        self.fill()
        self.pooling.pool(self._final.array, atom_environment, walk.mol_ptr, out)

    def fill(self) -> None:
        """Computes the states of the environments that are new."""
        for t in range(len(self._messages)):
            self._fill(t)
        self._fill_final()

    @property
    def states(self) -> F32:
        """[m, d] states of the environments of atoms that were met, by their numbers, once they are pooled."""
        return self._final.array

    def _fill(self, t: int) -> None:
        new, sent = self._environments.levels[t].new, self._messages[t].new()
        initial = self._atom_in.rows(self._environments.vocabulary.atoms)
        if t and self._activated_residual:
            initial = initial.copy()
            kernels.activate_rows(initial, *self._act)
        for at, part in new.tiles():
            if t == 0:
                h = initial[part.atom]
                kernels.activate_rows(h, *self._act)
            else:
                h = self._scratch.lend("states", sent[at].shape, np.float32)
                message = self._messages[t - 1].array
                kernels.neighbour_sums(part.ptr, part.children, message, self._bond, h)
                if self._undirected:
                    self._average_with_own(part, message, h)
                h += self._biases.updates[t - 1]
                kernels.add_table(h, initial, part.atom, *self._act)
            self._send(t, h, sent[at])

    def _average_with_own(self, new: New, message: F32, h: F32) -> None:
        """h ← (Σ neighbours' messages + degree · own message) / 2 + Σ bond terms, from both sums."""
        plain = np.empty_like(h)
        kernels.neighbour_sums(new.ptr, new.children, message, self._no_bond, plain)
        degree = np.diff(new.ptr).astype(np.float32)[:, None]
        h += (degree * message[new.root] - plain) * np.float32(0.5)

    def _fill_final(self) -> None:
        new, h = self._environments.levels[-1].new, self._final.new()
        table = self._atom_out.rows(self._environments.vocabulary.atoms)
        for at, part in new.tiles():
            total = self._scratch.lend("states", h[at].shape, np.float32)
            kernels.neighbour_sums(part.ptr, part.children, self._messages[-1].array, self._no_bond, total)
            self._out.apply(total, h[at])
            self._biases.fill_up(part.ptr, h[at])
            kernels.add_table(h[at], table, part.atom, *self._act)

    def _send(self, t: int, h: F32, out: F32) -> None:
        if t < len(self._steps):
            self._steps[t].apply(h, out)
            self._biases.take_off(t, out)
        else:
            out[:] = h

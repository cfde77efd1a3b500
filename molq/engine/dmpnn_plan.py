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
from molq.engine.biases import Biases
from molq.engine.environments import EdgeEnvironments, Ints
from molq.engine.pooling import Pooling
from molq.engine.product import F32, lower_layer
from molq.engine.scratch import Scratch
from molq.engine.tables import AtomTable, LevelRows, bond_table
from molq.engine.walk import Walk
from molq.nn.predictor import Predictor


class DMPNNPlan:
    """Walk and environment numbers to molecule vectors of a D-MPNN, with directed or undirected messages."""

    def __init__(self, predictor: Predictor, environments: EdgeEnvironments, scratch: Scratch) -> None:
        encoder, features = predictor.encoder, FeatureTable(predictor.feature_set)
        self.d, self._environments, self._scratch = predictor.config.d_h, environments, scratch
        self._act = lower_activation(encoder.act)
        self._activated_residual = encoder.activated_residual
        self._atom_in, self._bond_in = AtomTable(encoder.W_i_atom, features), bond_table(encoder.W_i_bond, features)
        self._atom_out = AtomTable(encoder.W_o_atom, features)
        self._steps = [lower_layer(encoder.W_h, site, scratch) for site in range(predictor.config.depth - 1)]
        self._biases = Biases(encoder, self.d)
        self._out = lower_layer(encoder.W_o_msg, 0, scratch)
        self.pooling = Pooling(predictor)
        self._initial = LevelRows(environments.edges[0], self.d)
        """what each update of an edge adds: its state before the activation, or after it; per pair"""
        self._edges = [LevelRows(level, self.d) for level in environments.edges]
        """per radius and environment, what it sends on: its product with W_h, or at the last radius its state; with
        undirected messages always its state"""
        self._bonds = [LevelRows(level, self.d) for level in environments.bonds]
        """per radius, what both ways along a bond send on together"""
        self._atoms = LevelRows(environments.atoms, self.d)
        """state of the atom, per atom environment"""

    def pool(self, walk: Walk, atom_environment: Ints, out: F32) -> None:
        """out [n, d] ← molecule vectors; ``atom_environment`` [N] holds the number of each atom's environment."""
        self.fill()
        self.pooling.pool(self._atoms.array, atom_environment, walk.mol_ptr, out)

    def fill(self) -> None:
        """Computes the states of the environments that are new."""
        self._fill_pairs()
        for t in range(1, len(self._edges)):
            self._fill_bonds(t - 1)
            self._fill_edges(t)
        self._fill_atoms()

    @property
    def states(self) -> F32:
        """[m, d] states of the environments of atoms that were met, by their numbers, once they are pooled."""
        return self._atoms.array

    def _fill_pairs(self) -> None:
        environments = self._environments
        new = environments.edges[0].new
        h0, sent = self._initial.new(), self._edges[0].new()
        table = self._atom_in.rows(environments.vocabulary.atoms)
        for at, part in new.tiles():
            h0[at] = table[part.atom] + self._bond_in[part.bond]
            h = h0[at].copy()
            kernels.activate_rows(h, *self._act)
            if self._activated_residual:
                h0[at] = h
            self._send(0, h, sent[at])

    def _fill_bonds(self, t: int) -> None:
        """What the two ways along a bond send on together: W_h times the mean of their states."""
        if not self._bonds:
            return
        new, sent = self._environments.bonds[t].new, self._bonds[t].new()
        for at, part in new.tiles():
            mean = self._scratch.lend("states", sent[at].shape, np.float32)
            kernels.environment_sums(part.ptr, part.children, self._edges[t].array, mean)
            mean /= np.float32(2)
            self._steps[t].apply(mean, sent[at])
            self._biases.take_off(t, sent[at])

    def _fill_edges(self, t: int) -> None:
        new, sent = self._environments.edges[t].new, self._edges[t].new()
        below = self._bonds[t - 1] if self._bonds else self._edges[t - 1]
        for at, part in new.tiles():
            h = self._scratch.lend("states", sent[at].shape, np.float32)
            bias = self._biases.updates[t - 1]
            kernels.environment_states(
                part.root, part.ptr, part.children, self._initial.array, below.array, bias, *self._act, h
            )
            self._send(t, h, sent[at])

    def _fill_atoms(self) -> None:
        new, h = self._environments.atoms.new, self._atoms.new()
        table = self._atom_out.rows(self._environments.vocabulary.atoms)
        for at, part in new.tiles():
            total = self._scratch.lend("states", h[at].shape, np.float32)
            kernels.environment_sums(part.ptr, part.children, self._edges[-1].array, total)
            self._out.apply(total, h[at])
            self._biases.fill_up(part.ptr, h[at])
            kernels.add_table(h[at], table, part.atom, *self._act)

    def _send(self, t: int, h: F32, out: F32) -> None:
        """out ← what edge environments of radius ``t`` with states h send on."""
        if t < len(self._steps) and not self._bonds:
            self._steps[t].apply(h, out)
            self._biases.take_off(t, out)
        else:
            out[:] = h

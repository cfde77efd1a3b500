"""A D-MPNN run on merged environments: the logits of ``Predictor.forward``, for a fraction of the work."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from molq.chem.features import FeatureTable
from molq.chem.packed import PackedGraphs
from molq.nn.config import PredictorConfig
from molq.nn.mpnn import DMPNN
from molq.nn.predictor import Predictor
from molq.nn.readout import SumReadout
from molq.training.environments import Environments, Segments, transpose


def can_merge(config: PredictorConfig) -> bool:
    """Whether equal environments hold equal states: not under dropout, nor when an edge also hears its reverse.

    Padding edges are left to ``Predictor.forward``.
    """
    return config.architecture == "dmpnn" and config.dropout == 0 and not (config.undirected or config.padded_degree)


class MergedForward:
    """Logits of molecules of one set, for predictors of one configuration."""

    def __init__(self, graphs: PackedGraphs, config: PredictorConfig) -> None:
        table = FeatureTable(config.feature_set)
        self.environments = Environments(graphs, config.depth)
        self.atoms = torch.from_numpy(table.atoms(self.environments.atoms))
        self.bonds = torch.from_numpy(table.bonds(self.environments.bonds))
        self.extras = torch.from_numpy(graphs.extras)

    def __call__(self, predictor: Predictor, mols: NDArray[np.int64]) -> Tensor:
        """Logits [n, T] of molecules ``mols`` [n] of the set."""
        batch = self.environments.batch(mols)
        encoder = predictor.encoder
        assert isinstance(encoder, DMPNN)
        edge_atom, edge_bond = torch.from_numpy(batch.edge_atom), torch.from_numpy(batch.edge_bond)
        h0 = encoder.W_i_atom(self.atoms)[edge_atom] + encoder.W_i_bond(self.bonds)[edge_bond]  # [U0, d_h]
        h = encoder.act(h0)
        residual = h if encoder.activated_residual else h0
        if encoder.b_h is not None:
            residual = residual + encoder.b_h
        for step, update in enumerate(batch.updates):
            h = encoder.act(sum_rows(torch.cat([residual, encoder.W_h(h, step)]), update))
        total = sum_rows(h, batch.incoming)  # [U_A, d_h]
        own = sum_rows(encoder.W_o_atom(self.atoms), _singles(batch.atom))
        atoms = encoder.act(own + encoder.W_o_msg(total))
        pooled = _pool(predictor, atoms, batch.molecules)
        z = pooled if predictor.bn is None else predictor.bn(pooled)
        return predictor.judge(z, self.extras[torch.from_numpy(mols)])


def _pool(predictor: Predictor, atoms: Tensor, molecules: Segments) -> Tensor:
    """Molecule vectors [n, d_h] from the states of atom environments [U_A, d_h]."""
    counts = torch.from_numpy(np.diff(molecules.ptr))
    readout = predictor.readout
    if isinstance(readout, SumReadout):
        total = sum_rows(atoms, molecules)
        if readout.how == "mean":
            return total / counts.clamp(min=1)[:, None]
        return total / readout.norm if readout.how == "norm" else total
    batch = torch.repeat_interleave(torch.arange(len(counts)), counts)
    return readout(sum_rows(atoms, _singles(molecules.rows)), batch, len(counts))


def sum_rows(rows: Tensor, segments: Segments) -> Tensor:
    """Sums [n, d] over each list of ``segments`` of the ``rows`` [m, d] it names."""
    result: Tensor = _SumRows.apply(rows, segments)
    return result


class _SumRows(torch.autograd.Function):
    """The gradient is the same sum over the transposed lists, so neither direction scatters."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, segments: Segments) -> Tensor:
        ctx.segments, ctx.n_rows = segments, len(rows)
        return _bags(rows.detach(), segments)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _bags(gradient.contiguous(), transpose(ctx.segments, ctx.n_rows)), None


def _bags(rows: Tensor, segments: Segments) -> Tensor:
    if not len(segments.rows):
        return rows.new_zeros(len(segments.ptr) - 1, rows.shape[1])
    index, offsets = torch.from_numpy(segments.rows), torch.from_numpy(segments.ptr[:-1])
    return torch.nn.functional.embedding_bag(index, rows, offsets, mode="sum")


def _singles(rows: NDArray[np.int64]) -> Segments:
    return Segments(rows, np.arange(len(rows) + 1))

"""Readouts: atom states to one vector per molecule."""

from __future__ import annotations

from torch import Tensor, nn

from molq.nn.config import PredictorConfig
from molq.nn.graph import count_to, sum_to
from molq.nn.linear import Linear


class SumReadout(nn.Module):
    """Sum over the atoms of each molecule, divided by nothing, by the atom count, or by a constant."""

    def __init__(self, how: str, norm: float) -> None:
        super().__init__()
        self.how, self.norm = how, norm

    def forward(self, h: Tensor, batch: Tensor, n_mols: int) -> Tensor:
        total = sum_to(batch, h, n_mols)
        if self.how == "mean":
            return total / count_to(batch, n_mols, h.dtype).clamp(min=1)
        return total / self.norm if self.how == "norm" else total


class AttentiveReadout(nn.Module):
    """Sum over the atoms of each molecule, weighted by a softmax of one learned logit per atom."""

    def __init__(self, d_h: int) -> None:
        super().__init__()
        self.W = Linear(d_h, 1, True, "message")

    def forward(self, h: Tensor, batch: Tensor, n_mols: int) -> Tensor:
        weights = self.W(h).exp()  # [N, 1]
        return sum_to(batch, weights / sum_to(batch, weights, n_mols)[batch] * h, n_mols)


def readout(config: PredictorConfig) -> nn.Module:
    """The readout that ``config`` names; call it with (h [N, d_h], batch [N], n_mols)."""
    if config.readout == "superatom":
        from molq.nn.attentivefp import SuperatomReadout  # PyG takes seconds to import, and only this one needs it

        return SuperatomReadout(config)
    if config.readout == "attentive":
        return AttentiveReadout(config.d_h)
    return SumReadout(config.readout, config.readout_norm)

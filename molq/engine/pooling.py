"""Atom states to molecule vectors, and molecule vectors to what a member of an ensemble gives."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.outputs import F32, F64, member_outputs
from molq.engine.product import lower_layer, table_weight
from molq.engine.scratch import Scratch
from molq.nn.predictor import Predictor


class Share(NamedTuple):
    """Of a readout: its vector is ``nothing`` + Σ over atoms of ``weight`` · ``scale`` · state."""

    weight: F64
    """[N]"""
    scale: F64
    """[d]"""
    nothing: F32
    """[d], the vector of no atoms"""


class Pooling:
    """The readout, and the batch norm that may follow it."""

    def __init__(self, predictor: Predictor) -> None:
        config = predictor.config
        self.how, self.norm = config.readout, np.float32(config.readout_norm)
        self.affine = None if predictor.bn is None else batch_norm(predictor.bn)
        if self.how == "attentive":
            self.weight = predictor.readout.W.weight.detach().numpy()[0]
            self.bias = np.float32(predictor.readout.W.bias.item())

    def pool(self, h: F32, row: NDArray[np.int32], mol_ptr: NDArray[np.int32], out: F32) -> None:
        """out [n, d] ← readout of the atom states h[row], row [N]."""
        if self.how == "attentive":
            kernels.pool_attentive(h, row, self.weight, self.bias, mol_ptr, out)
        else:
            kernels.pool_sum(h, row, mol_ptr, out)
        if self.how == "mean":
            kernels.divide_by_atoms(out, mol_ptr)
        elif self.how == "norm":
            out /= self.norm
        if self.affine is not None:
            kernels.affine(out, *self.affine)

    def share(self, h: F32, row: NDArray[np.int32], mol_ptr: NDArray[np.int32]) -> Share:
        """What ``pool`` takes of each atom; the weights of an attentive readout are those of these very atoms."""
        n_atoms = np.diff(mol_ptr)
        scale, shift = self.affine or (np.ones(h.shape[1], np.float32), np.zeros(h.shape[1], np.float32))
        weight = np.ones(len(row))
        if self.how == "attentive":
            logits = (h @ self.weight.astype(np.float64))[row] + self.bias
            weight = np.exp(logits - np.maximum.reduceat(logits, mol_ptr[:-1]).repeat(n_atoms))
            weight /= np.add.reduceat(weight, mol_ptr[:-1]).repeat(n_atoms)
        elif self.how == "mean":
            weight /= n_atoms.repeat(n_atoms)
        elif self.how == "norm":
            weight /= self.norm
        return Share(weight, scale.astype(np.float64), shift)


class Hidden(NamedTuple):
    """A hidden layer of a head, float32 [n, width]: before its activation, and after it."""

    before: F32
    after: F32


class HeadPath(NamedTuple):
    """What a head computed on its way."""

    hidden: list[Hidden]
    logits: F32
    """[n, L]"""
    extras: F32 | None
    """[n, width] what the first layer takes of what the molecules bring beside their vectors"""


class HeadPlan:
    """Molecule vectors [n, d], and what the molecules bring beside them [n, k], to outputs [n, C]."""

    def __init__(self, predictor: Predictor, scratch: Scratch) -> None:
        self.products = [lower_layer(layer, 0, scratch) for layer in predictor.head.layers]
        self.act = lower_activation(predictor.head.act)
        self._predictor = predictor
        self._extras = None if predictor.head.extras is None else lower_layer(predictor.head.extras, 0, scratch)

    @cached_property
    def weights(self) -> list[F64]:
        """The matrices of its layers as stored, [N, K] each, whatever their bits."""
        return [table_weight(layer)[0] for layer in self._predictor.head.layers]

    @property
    def mean_extras(self) -> F32:
        """[1, k]: what the scaler of the extras calls their mean."""
        scaler = self._predictor.scaler
        return np.empty((1, 0), np.float32) if scaler is None else scaler.mean.numpy()[None]

    def outputs(self, z: F32, extras: F32) -> F64:
        """What the members of an ensemble average."""
        return member_outputs(
            self._predictor, self._logits(z, None if self._extras is None else self._of_extras(extras))
        )

    def path(self, z: F32, extras: F32) -> HeadPath:
        """The same way, with what stands between."""
        hidden: list[Hidden] = []
        of_extras = None if self._extras is None else self._of_extras(extras)
        return HeadPath(hidden, self._logits(z, of_extras, hidden), of_extras)

    def _logits(self, z: F32, of_extras: F32 | None, hidden: list[Hidden] | None = None) -> F32:
        last = len(self.products) - 1
        for i, product in enumerate(self.products):
            out = np.empty((len(z), product.n), np.float32)
            product.apply(z, out)
            if i == 0 and of_extras is not None:
                out += of_extras
            if i == last:
                out += product.bias
            else:
                before = None if hidden is None else out + product.bias
                kernels.bias_and_activate(out, product.bias, *self.act)
                if hidden is not None and before is not None:
                    hidden.append(Hidden(before, out))
            z = out
        return z

    def _of_extras(self, extras: F32) -> F32:
        """Products [n, width] of the first matrix with the scaled extras [n, k]."""
        assert self._extras is not None
        assert self._predictor.scaler is not None
        scaled = (extras - self._predictor.scaler.mean.numpy()) / self._predictor.scaler.scale.numpy()
        out = np.empty((len(extras), self._extras.n), np.float32)
        self._extras.apply(scaled, out)
        return out


def batch_norm(layer: object) -> tuple[F32, F32]:
    """Scale and shift [d] that a BatchNorm1d applies at inference."""
    mean, variance = layer.running_mean.double(), layer.running_var.double()  # type: ignore[attr-defined]
    scale = layer.weight.detach().double() / (variance + layer.eps).sqrt()  # type: ignore[attr-defined]
    shift = layer.bias.detach().double() - mean * scale  # type: ignore[attr-defined]
    return scale.float().numpy(), shift.float().numpy()

"""Atom states to molecule vectors, and molecule vectors to what a member of an ensemble gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.outputs import F32, F64, member_outputs
from molq.engine.product import lower_layer
from molq.engine.scratch import Scratch
from molq.nn.predictor import Predictor


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


class HeadPlan:
    """Molecule vectors [n, d], and what the molecules bring beside them [n, k], to outputs [n, C]."""

    def __init__(self, predictor: Predictor, scratch: Scratch) -> None:
        self.products = [lower_layer(layer, 0, scratch) for layer in predictor.head.layers]
        self.act = lower_activation(predictor.head.act)
        self._predictor = predictor
        self._extras = None if predictor.head.extras is None else lower_layer(predictor.head.extras, 0, scratch)

    def outputs(self, z: F32, extras: F32) -> F64:
        """What the members of an ensemble average."""
        last = len(self.products) - 1
        for i, product in enumerate(self.products):
            out = np.empty((len(z), product.n), np.float32)
            product.apply(z, out)
            if i == 0 and self._extras is not None:
                out += self._of_extras(extras)
            if i < last:
                kernels.bias_and_activate(out, product.bias, *self.act)
            else:
                out += product.bias
            z = out
        return member_outputs(self._predictor, z)

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

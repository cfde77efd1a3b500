"""Atom states to molecule vectors, and molecule vectors to scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.engine.product import lower_layer
from molq.engine.scratch import Scratch
from molq.nn.predictor import Predictor

F32 = NDArray[np.float32]


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
    """Molecule vectors [n, d] to scores [n, T]."""

    def __init__(self, predictor: Predictor, scratch: Scratch) -> None:
        self.products = [lower_layer(layer, 0, scratch) for layer in predictor.head.layers]
        self.act = lower_activation(predictor.head.act)
        self._predictor = predictor

    def scores(self, z: F32) -> F32:
        """Probabilities, or values in target units."""
        last = len(self.products) - 1
        for i, product in enumerate(self.products):
            out = np.empty((len(z), product.n), np.float32)
            product.apply(z, out)
            if i < last:
                kernels.bias_and_activate(out, product.bias, *self.act)
            else:
                out += product.bias
            z = out
        return activate_logits(self._predictor, z)


def activate_logits(predictor: Predictor, logits: F32) -> F32:
    """Scores [n, T] of logits [n, T]: probabilities, or values in target units; not finite where a logit is not."""
    if predictor.kind == "classification":
        scores = np.empty_like(logits)
        kernels.sigmoid(logits, scores)
        scores[~np.isfinite(logits)] = np.nan  # an overflow is no certainty
        return scores
    return logits * predictor.output_scale.numpy() + predictor.output_mean.numpy()


def batch_norm(layer: object) -> tuple[F32, F32]:
    """Scale and shift [d] that a BatchNorm1d applies at inference."""
    mean, variance = layer.running_mean.double(), layer.running_var.double()  # type: ignore[attr-defined]
    scale = layer.weight.detach().double() / (variance + layer.eps).sqrt()  # type: ignore[attr-defined]
    shift = layer.bias.detach().double() - mean * scale  # type: ignore[attr-defined]
    return scale.float().numpy(), shift.float().numpy()

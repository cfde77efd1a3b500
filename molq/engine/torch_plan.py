"""The predictor's own forward in torch, its products through the matmul adapter.

It runs any architecture, and is what the plans of fused kernels are held against.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from molq.chem.packed import PackedGraphs, concat, no_extras
from molq.engine.outputs import F64, member_outputs
from molq.engine.product import Product, lower_layer
from molq.engine.scratch import Scratch
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.nn.torch_state import torch_state
from molq.quant.layers import matrix_layers

# torch computes exp, tanh and their kin with other instructions at the end of an array than inside it, so a molecule of
# 64 carbon atoms, dropped afterwards, is put at the end: no molecule's score depends on whether it comes last
_TAIL = PackedGraphs(
    np.full(64, 6, np.uint64),
    np.full(63, 1, np.uint16),
    np.stack([np.arange(63), np.arange(1, 64)], axis=1).astype(np.int32),
    np.array([0, 64], np.int32),
    np.array([0, 63], np.int32),
    no_extras(1),
)


class TorchPlan:
    """Packed graphs to outputs of a predictor of any architecture."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = copy.deepcopy(predictor).eval()
        scratch = Scratch()
        for name, layer in matrix_layers(self._predictor).items():
            self._predictor.set_submodule(name, _Executed(layer, scratch))

    def outputs(self, graphs: PackedGraphs) -> F64:
        """Outputs [n, C]."""
        if not graphs.n_mols:
            return np.empty((0, len(self._predictor.columns)))
        tail = _TAIL._replace(extras=np.zeros((1, graphs.extras.shape[1]), np.float32))
        with torch_state(1, gradients=False):
            logits = self._logits(concat([graphs, tail]))[:-1]
        return member_outputs(self._predictor, logits)

    def _logits(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        logits: NDArray[np.float32] = self._predictor(to_tensors(graphs, self._predictor.feature_set)).numpy()
        return logits


class _Executed(nn.Module):
    """A matrix layer run by the engine's products."""

    def __init__(self, layer: Any, scratch: Scratch) -> None:
        super().__init__()
        self.weight = layer.weight  # read by plans that bypass forward
        self._products: list[Product] = [lower_layer(layer, site, scratch) for site in range(layer.sites)]

    def forward(self, x: Tensor, site: int = 0) -> Tensor:
        product = self._products[site]
        out = np.empty((len(x), product.n), np.float32)
        product.apply(np.ascontiguousarray(x.numpy()), out)
        return torch.from_numpy(out + product.bias)

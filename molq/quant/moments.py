"""Moments of a layer's inputs, before and after the layers ahead of it were quantized, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from molq.chem.packed import PackedGraphs
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site, tensors, watching

_ROUNDING = 1e-10
"""share of a second moment below which a variance is what float64 sums of millions of rows err by"""


class Moments:
    """Means and second moments of x, the input of the float predictor, and z, that of the quantized one; float64."""

    def __init__(self, k: int) -> None:
        self.n = 0
        self._x, self._z = (torch.zeros(k, dtype=torch.float64) for _ in range(2))
        self._zz, self._xz = (torch.zeros(k, k, dtype=torch.float64) for _ in range(2))

    def update(self, x: Tensor, z: Tensor) -> None:
        """Take in rows x and z [M, K] of the same atoms, edges or molecules."""
        x, z = x.double(), z.double()
        self.n += len(x)
        self._x += x.sum(0)
        self._z += z.sum(0)
        self._zz += z.T @ z
        self._xz += x.T @ z

    @property
    def x_mean(self) -> Tensor:
        """[K]"""
        return self._x / max(self.n, 1)

    @property
    def z_mean(self) -> Tensor:
        """[K]"""
        return self._z / max(self.n, 1)

    def second(self, centred: bool) -> Tensor:
        """E[z zᵀ], or the covariance of z when ``centred``; [K, K].

        Rows that are all the same have the covariance 0, not the rounding errors of its difference.
        """
        raw = self._zz / max(self.n, 1)
        if not centred:
            return raw
        covariance = raw - torch.outer(self.z_mean, self.z_mean)
        varies = covariance.diagonal().mean() > _ROUNDING * raw.diagonal().mean()
        return covariance if varies else torch.zeros_like(raw)

    def cross(self, centred: bool) -> Tensor:
        """E[x zᵀ], or the covariance of x and z when ``centred``; [K, K]."""
        raw = self._xz / max(self.n, 1)
        return raw - torch.outer(self.x_mean, self.z_mean) if centred else raw


def input_moments(
    layer: str,
    reference: Predictor,
    quantized: Predictor,
    batches: Iterable[PackedGraphs],
    encode: Callable[[Site, Tensor], Tensor],
) -> Moments:
    """Moments of the inputs of ``layer`` over all its call sites; ``encode`` rounds inputs of ``quantized`` as it will.

    In ``quantized`` the layers ahead are quantized already, so that what they got wrong is seen here.
    """
    moments = Moments(reference.get_submodule(layer).in_features)  # type: ignore[arg-type]
    exact: dict[Site, Tensor] = {}
    with (
        watching(reference, [layer], lambda site, x: exact.update({site: x})),
        watching(quantized, [layer], lambda site, z: moments.update(exact[site], encode(site, z))),
    ):
        for graph in tensors(reference, batches):
            reference(graph)
            quantized(graph)
    return moments

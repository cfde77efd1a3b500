"""The one matrix layer that every network here is made of."""

from __future__ import annotations

import math

from torch import Tensor, nn

ROLES = ("table", "message", "head", "extras")
EXACT_INPUTS = ("table", "extras")
"""roles of layers whose inputs are never rounded"""


class Linear(nn.Linear):
    """y = x·Wᵀ + b, told apart by what its rows are.

    ``role`` is ``table`` when the input is a function of a discrete descriptor (so that the layer can be a look-up),
    ``message`` when rows are atoms or edges, ``head`` when there is one row per molecule, ``extras`` when that row is
    what the molecule brings beside its graph. A layer used several times in one forward pass numbers its ``sites``, so
    that each use can have an activation range of its own.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool, role: str, *, sites: int = 1, fan_in: int | None = None
    ) -> None:
        super().__init__(in_features, out_features, bias)
        self.role = role
        self.sites = sites
        # the halves of a split matrix start as the whole would
        if fan_in is not None:
            bound = 1 / math.sqrt(fan_in)
            nn.init.uniform_(self.weight, -bound, bound)
            if bias:
                nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor, site: int = 0) -> Tensor:
        return super().forward(x)

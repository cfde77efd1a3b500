"""Rounding of weights to a grid: to the nearest code, or so that the layer's output errs least.

The error of a layer on inputs z is tr(E·H·Eᵀ) with E = W − Ŵ and H = E[z zᵀ], so both second-order ways need the
moments of the inputs only, never the inputs.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from molq.errors import InputError
from molq.quant.weights import Grid

DAMPING = 0.1
ADAROUND_STEPS = 600


def nearest(weight: Tensor, grid: Grid, moment: Tensor) -> Tensor:
    """Codes int8 [N, K] nearest to ``weight``."""
    return grid.nearest(weight)


def gptq(weight: Tensor, grid: Grid, moment: Tensor) -> Tensor:
    """Codes int8 [N, K], column by column, the error of each made up for by the columns that follow.

    Columns of the largest input go first. Source: Frantar et al., GPTQ, ICLR 2023, algorithm 1, with fixed steps.
    """
    order = torch.argsort(moment.diagonal(), descending=True, stable=True)
    inverse = torch.linalg.inv(damped(moment)[order][:, order])
    factor = torch.linalg.cholesky((inverse + inverse.T) / 2, upper=True)
    left, step = weight.double()[:, order], grid.step[:, order]
    codes = torch.empty_like(left)
    for i in range(left.shape[1]):
        codes[:, i] = torch.clamp(torch.round(left[:, i] / step[:, i]), grid.low, grid.high)
        error = (left[:, i] - codes[:, i] * step[:, i]) / factor[i, i]
        left[:, i + 1 :] -= torch.outer(error, factor[i, i + 1 :])
    back = torch.empty_like(codes)
    back[:, order] = codes
    return back.to(torch.int8)


def adaround(weight: Tensor, grid: Grid, moment: Tensor) -> Tensor:
    """Codes int8 [N, K], each rounded up or down as gradient descent on the output error learns.

    Source: Nagel et al., Up or Down?, ICML 2020, with the quadratic form of the loss.
    """
    h = damped(moment).float()
    exact = (weight.double() / grid.step).float()
    step, floor = grid.step.float(), torch.floor(exact)
    share = (exact - floor).clamp(0.01, 0.99)
    v = torch.logit((share + 0.1) / 1.2).requires_grad_()
    size = float(((weight.float() @ h) * weight.float()).sum()) / weight.numel()
    optimizer = torch.optim.Adam([v], lr=2e-2)
    with torch.enable_grad():
        for i in range(ADAROUND_STEPS):
            up = (torch.sigmoid(v) * 1.2 - 0.1).clamp(0, 1)
            error = (torch.clamp(floor + up, grid.low, grid.high) - exact) * step
            loss = ((error @ h) * error).sum() / max(size, 1e-30)
            progress = i / ADAROUND_STEPS
            if progress > 0.2:
                beta = 20 - 18 * (progress - 0.2) / 0.8
                loss = loss + 0.01 * (1 - (2 * up - 1).abs() ** beta).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    up = (torch.sigmoid(v.detach()) > 0.5).float()
    return torch.clamp(floor + up, grid.low, grid.high).to(torch.int8)


ROUNDINGS: dict[str, Callable[[Tensor, Grid, Tensor], Tensor]] = {
    "nearest": nearest,
    "gptq": gptq,
    "adaround": adaround,
}


def check_rounding(name: str) -> None:
    """Raises InputError unless there is a rounding of that name."""
    if name not in ROUNDINGS:
        raise InputError(f"unknown rounding {name!r}: choose one of {', '.join(ROUNDINGS)}")


def best_float_weight(weight: Tensor, moment: Tensor, cross: Tensor) -> Tensor:
    """Weight [N, K] float64 whose products with z come closest to those of ``weight`` with x.

    ``moment`` is E[z zᵀ], ``cross`` E[x zᵀ]. Inputs that were hardly seen keep their weights.
    """
    ridge = _ridge(moment)
    right = weight.double() @ (cross + ridge)
    solution: Tensor = torch.linalg.solve(moment + ridge, right, left=False)
    return solution


def damped(moment: Tensor) -> Tensor:
    """The moment [K, K] with a share of its mean diagonal added to it."""
    return moment + _ridge(moment)


def _ridge(moment: Tensor) -> Tensor:
    mean = moment.diagonal().mean().item()
    return (DAMPING * mean or 1.0) * torch.eye(len(moment), dtype=moment.dtype)

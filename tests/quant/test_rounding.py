from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from molq.errors import InputError
from molq.quant.rounding import ROUNDINGS, best_float_weight, check_rounding
from molq.quant.weights import channel_grid, group_grid

K = 40


def correlated_inputs(n: int = 400) -> Tensor:
    torch.manual_seed(0)
    return torch.relu(torch.randn(n, 8) @ torch.randn(8, K) + 0.3 * torch.randn(n, K)).double()


def output_error(weight: Tensor, made: Tensor, x: Tensor) -> float:
    return float(((weight.double() - made) @ x.T).square().sum())


@pytest.mark.parametrize("how", sorted(ROUNDINGS))
@pytest.mark.parametrize("bits", [8, 4])
def test_codes_stay_on_the_grid(how: str, bits: int) -> None:
    x = correlated_inputs()
    weight = torch.randn(12, K)
    grid = channel_grid(weight) if bits == 8 else group_grid(weight)
    codes = ROUNDINGS[how](weight, grid, x.T @ x / len(x))
    assert codes.dtype == torch.int8
    assert codes.min() >= grid.low
    assert codes.max() <= grid.high


@pytest.mark.parametrize(("how", "share"), [("gptq", 0.4), ("adaround", 0.6)])
def test_second_order_rounding_beats_the_nearest_on_other_inputs(how: str, share: float) -> None:
    x = correlated_inputs(800)
    seen, unseen = x[:400], x[400:]
    weight = torch.randn(12, K)
    grid = group_grid(weight)
    moment = seen.T @ seen / len(seen)
    made = ROUNDINGS[how](weight, grid, moment).double() * grid.step
    plain = grid.nearest(weight).double() * grid.step
    assert output_error(weight, made, unseen) < share * output_error(weight, plain, unseen)


def test_gptq_is_the_plain_algorithm() -> None:
    """Against a loop that eliminates one input at a time from the inverse, with no Cholesky factor."""
    x = correlated_inputs()[:, :12]
    weight = torch.randn(3, 12)
    grid = channel_grid(weight, 4)
    moment = x.T @ x / len(x)
    h = moment.numpy() + 0.1 * moment.diagonal().mean().item() * np.eye(12)
    left, scale = weight.double().numpy().copy(), grid.scale.double().numpy()
    expected = np.zeros((3, 12))
    remaining = list(np.argsort(-np.diag(h), kind="stable"))
    while remaining:
        inverse = np.linalg.inv(h[np.ix_(remaining, remaining)])
        i, rest = remaining[0], remaining[1:]
        expected[:, i] = np.clip(np.rint(left[:, i] / scale), -7, 7)
        error = left[:, i] - expected[:, i] * scale
        left[:, rest] -= np.outer(error, inverse[0, 1:]) / inverse[0, 0]
        remaining = rest
    assert np.array_equal(ROUNDINGS["gptq"](weight, grid, moment).numpy(), expected)


@pytest.mark.parametrize("how", sorted(ROUNDINGS))
def test_inputs_never_seen_are_rounded_to_the_nearest(how: str) -> None:
    weight = torch.randn(5, K)
    grid = group_grid(weight)
    codes = ROUNDINGS[how](weight, grid, torch.zeros(K, K, dtype=torch.float64))
    assert (codes - grid.nearest(weight)).abs().sum() <= (2 if how == "adaround" else 0)


def test_the_best_float_weight_undoes_a_known_distortion() -> None:
    x = correlated_inputs()
    z = x * 0.9
    weight = torch.randn(6, K)
    best = best_float_weight(weight, z.T @ z, x.T @ z)
    assert output_error(weight / 0.9, best, z) < 1e-3 * output_error(weight, torch.zeros(6, K), z)


def test_unknown_rounding_is_named() -> None:
    with pytest.raises(InputError, match="upwards"):
        check_rounding("upwards")

"""Exact integers whatever instructions oneDNN may use, and float rows that do not feel their neighbours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from molq.engine import matmul
from molq.engine.matmul import TILE, FloatWeight, IntWeight, integer_kernel_is_exact

SHAPES = [(1, 1, 1), (5, 300, 31), (64, 300, 300), (17, 513, 2), (33, 2048, 40), (0, 8, 4)]


def extreme(m: int, k: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    q = torch.from_numpy(np.random.default_rng(k).choice([0, 1, 254, 255], (m, k)).astype(np.uint8))
    w = torch.from_numpy(np.random.default_rng(n).choice([-127, 127, 126], (n, k)).astype(np.int8))
    return q, w


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_products_are_exact(shape: tuple[int, int, int], native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    q, w = extreme(*shape)
    weight = IntWeight(w)
    if not native:
        monkeypatch.setattr("molq.engine.matmul.integer_kernel_is_exact", lambda: False)
        weight = IntWeight(w)
        assert not weight.native
    out = torch.empty(len(q), len(w), dtype=torch.int32)
    weight.multiply(q, out)
    assert np.array_equal(out.numpy(), q.numpy().astype(np.int64) @ w.numpy().astype(np.int64).T)


def saturating(q: torch.Tensor, w: torch.Tensor, out: torch.Tensor) -> None:
    """As without VNNI: products are added in pairs in 16 bits."""
    products = torch.nn.functional.pad(q.int()[:, :, None] * w.int()[None], (0, 0, 0, q.shape[1] % 2))
    pairs = products.view(len(q), -1, 2, w.shape[1]).sum(2)
    out.copy_(pairs.clamp(-(2**15), 2**15 - 1).sum(1))


def failing(q: torch.Tensor, w: torch.Tensor, out: torch.Tensor) -> None:
    raise RuntimeError("could not create a primitive descriptor")


def exact(q: torch.Tensor, w: torch.Tensor, out: torch.Tensor) -> None:
    out.copy_((q.double() @ w.double()).int())


def wrong_where(is_wrong: Callable[[int, int, int], bool]) -> Callable[..., None]:
    """An exact kernel but for a sum in its last column, at some shapes."""

    def kernel(q: torch.Tensor, w: torch.Tensor, out: torch.Tensor) -> None:
        exact(q, w, out)
        out[-1, -1] += is_wrong(*q.shape, w.shape[1])

    return kernel


@pytest.mark.parametrize(
    ("kernel", "trusted"),
    [
        (exact, True),
        (saturating, False),
        (failing, False),
        (wrong_where(lambda m, k, n: m == 1), False),
        (wrong_where(lambda m, k, n: k > 2000), False),
        (wrong_where(lambda m, k, n: n % 2 == 1), False),
        (wrong_where(lambda m, k, n: m == n == 64), False),
    ],
)
def test_a_kernel_is_trusted_only_when_it_is_exact(
    kernel: object, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "_int_mm", kernel)
    assert integer_kernel_is_exact.__wrapped__() is trusted


SCORES = """
import hashlib, sys, numpy as np, torch
sys.path.insert(0, "tests")
from molecules import DRUGS
from variety import VARIETY
from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.engine.matmul import IntWeight, integer_kernel_is_exact
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.scheme import SCHEMES
rng = np.random.default_rng(0)
for m, k, n in ((40, 300, 300), (7, 2048, 33)):
    q, w = rng.choice([0, 255], (m, k)).astype(np.uint8), rng.choice([-127, 127], (n, k)).astype(np.int8)
    q[0], w[0], w[1] = 255, 127, -127
    out = torch.empty(m, n, dtype=torch.int32)
    IntWeight(torch.from_numpy(w)).multiply(torch.from_numpy(q), out)
    assert np.array_equal(out.numpy(), q.astype(np.int64) @ w.astype(np.int64).T)
torch.manual_seed(0)
graphs = featurize(DRUGS).graphs
made = [quantize(Predictor(VARIETY[0]).eval(), SCHEMES[scheme], [graphs]) for scheme in ("int8", "w4a8")]
real = IntWeight.multiply
def multiply(self, q, out):
    real(self, q, out)
    print(hashlib.sha256(out.numpy().tobytes()).hexdigest())
IntWeight.multiply = multiply
for model in made:
    Engine(model).scores(graphs)
"""


@pytest.mark.parametrize("isa", ["AVX512_CORE_VNNI", "AVX512_CORE", "AVX2"])
def test_the_same_integers_on_every_instruction_set(isa: str, integers_here: str) -> None:
    assert run_scores(isa) == integers_here


@pytest.fixture(scope="module")
def integers_here() -> str:
    return run_scores(None)


def run_scores(isa: str | None) -> str:
    env = {k: v for k, v in os.environ.items() if k != "ONEDNN_MAX_CPU_ISA"}
    if isa:
        env["ONEDNN_MAX_CPU_ISA"] = isa
    done = subprocess.run([sys.executable, "-c", SCORES], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") >= 8
    return done.stdout


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("n", [*range(1, 34), 300])
def test_a_float_row_has_the_same_bits_anywhere(n: int, dtype: torch.dtype) -> None:
    for k in (16, 133, 300):
        weight = FloatWeight(torch.randn(n, k).to(dtype))
        row = torch.randn(1, k).to(dtype)
        alone = torch.empty(1, n, dtype=dtype)
        weight.multiply(row, alone)
        x = torch.randn(2 * TILE + 6, k).to(dtype)
        for places in (range(TILE), range(TILE, 2 * TILE + 6)):
            x[places] = row
            out = torch.empty(len(x), n, dtype=dtype)
            weight.multiply(x, out)
            assert torch.equal(out[places], alone.expand(len(places), n))


def test_single_rows_where_no_tile_is_steady(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = torch.mm

    def unsteady(x: torch.Tensor, weight: torch.Tensor, **to: torch.Tensor) -> torch.Tensor:
        out = honest(x, weight, **to)
        out[7:, -1] *= 1.5
        return out

    monkeypatch.setattr(matmul.torch, "mm", unsteady)
    monkeypatch.setattr(matmul, "_shape_of_products", matmul._shape_of_products.__wrapped__)
    weight, x = torch.randn(6, 20), torch.randn(70, 20)
    out = torch.empty(70, 6)
    FloatWeight(weight).multiply(x, out)
    assert torch.allclose(out, x @ weight.T, atol=1e-5)

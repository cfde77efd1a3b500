from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from scipy.special import softmax
from variety import VARIETY

from molq.nn.attentivefp import SuperatomReadout
from molq.nn.readout import readout

SIZES = [3, 1, 5]
BATCH = torch.repeat_interleave(torch.arange(3), torch.tensor(SIZES))
H = torch.from_numpy(np.random.default_rng(0).normal(size=(9, 32)).astype(np.float32))


@pytest.mark.parametrize(
    ("how", "divided_by"), [("sum", [1, 1, 1]), ("mean", SIZES), ("norm", [40.0, 40.0, 40.0])], ids=str
)
def test_sums_are_divided_by_nothing_the_atoms_or_a_constant(how: str, divided_by: list[float]) -> None:
    made = readout(replace(VARIETY[0], readout=how, readout_norm=40.0))(H, BATCH, 3)
    expected = np.stack([rows.double().sum(0) for rows in H.split(SIZES)]) / np.array(divided_by)[:, None]
    np.testing.assert_allclose(made.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_attention_is_a_softmax_over_the_atoms_of_a_molecule() -> None:
    torch.manual_seed(0)
    pool = readout(replace(VARIETY[0], readout="attentive"))
    with torch.no_grad():
        made = pool(H, BATCH, 3).numpy()
        logits = pool.W(H)[:, 0].double().numpy()
    for m, rows in enumerate(np.split(np.arange(9), np.cumsum(SIZES)[:-1])):
        expected = softmax(logits[rows]) @ H[rows].double().numpy()
        np.testing.assert_allclose(made[m], expected, rtol=1e-5, atol=1e-6)


def test_a_molecule_without_atoms_is_zero() -> None:
    for how in ("sum", "mean", "norm", "attentive"):
        with torch.no_grad():
            made = readout(replace(VARIETY[0], readout=how))(H, BATCH, 4)
        assert made[3].tolist() == [0] * 32


def test_a_superatom_is_attentivefps() -> None:
    assert isinstance(readout(VARIETY[9]), SuperatomReadout)

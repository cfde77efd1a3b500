"""Terms add up to what the engine computes of whole products."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from made_spaces import MADE, sheets_of
from variety import VARIETY, named, network

from molq.spaces.ranker import Ranker
from molq.spaces.rescore import Rescorer
from molq.spaces.sheets import Products

SUMS = [config for config in VARIETY if config.readout in ("sum", "mean", "norm")]
BOUND = {"fp32": 1e-5, "int8": 0.05, "w4a8": 0.05}
"""of the spread; a quantized head rounds its inputs, and the terms do not"""


def assert_terms_add_up(folder: Path, space: str, config, scheme: str) -> None:
    ranker = Ranker(network(config, scheme), "a")
    heights, differences = [], []
    for sheet in sheets_of(folder, space, ranker.network.recipe):
        rescorer = Rescorer(Products(sheet.reaction, ranker.network.recipe), sheet, ranker)
        found = rescorer.rescore(list(itertools.product(*sheet.synthons)))
        assert found.is_known.all()
        assert not found.refused
        heights.append(found.executed.heights)
        differences.append(rescorer.added_up(found.pieces) - found.executed.heights)
    spread = np.concatenate(heights).std()
    assert np.abs(np.concatenate(differences)).max() <= BOUND[scheme] * max(spread, 0.05)


@pytest.mark.parametrize("config", SUMS, ids=named)
def test_of_every_network(tmp_path: Path, config) -> None:
    assert_terms_add_up(tmp_path, "stereo", config, "fp32")


@pytest.mark.parametrize("scheme", BOUND)
@pytest.mark.parametrize("space", MADE)
def test_of_every_kind_of_join(tmp_path: Path, space: str, scheme: str) -> None:
    assert_terms_add_up(tmp_path, space, VARIETY[0], scheme)

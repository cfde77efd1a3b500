"""How far the pass and the engine lie apart, as far as it was seen."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from made_spaces import made
from variety import VARIETY, network

from molq.progress import SILENT
from molq.spaces.choosing.differences import Differences
from molq.spaces.ranker import Ranker
from molq.spaces.seen import SeenSpace


@pytest.fixture
def seen(tmp_path: Path) -> SeenSpace:
    return SeenSpace(made(tmp_path, "amides").reactions, Ranker(network(VARIETY[0]), "a"), None, 0, SILENT)


def test_random_products_are_scored_both_ways(seen: SeenSpace) -> None:
    found = Differences(seen)
    found.random_products(50, SILENT)
    assert found.n_checked == 50
    assert 0 < found.largest < 1e-4
    assert found.spread > 0
    assert found.exactness(0.5).is_exact


@pytest.mark.parametrize("lost", [nan, inf])
@pytest.mark.parametrize("added_up", [1.0, None])
def test_a_score_that_is_no_finite_number_is_as_far_as_can_be(seen: SeenSpace, lost: float, added_up) -> None:
    found, (rescorer,) = Differences(seen), seen.rescorers
    rescored = rescorer.rescore([(0, 0), (1, 1)])
    heights = rescored.executed.heights.tolist()
    found.compare([heights[0] + 0.25, heights[1]], rescored)
    assert found.exactness(1.0).largest == 0.25
    executed = rescored.executed._replace(heights=np.array([heights[0], lost]))
    found.compare([heights[0], added_up], replace(rescored, executed=executed))
    assert found.exactness(1.0).largest is None
    assert not found.exactness(1.0).is_exact
    assert found.largest == 0.25

"""Products of the pass by the engine, each once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_spaces import made
from variety import VARIETY, network

import molq
from molq.progress import SILENT
from molq.spaces.choosing.differences import Differences
from molq.spaces.choosing.scored import EngineScores
from molq.spaces.properties.windows import windows
from molq.spaces.ranker import Ranker
from molq.spaces.scanning.scanner import Scanner
from molq.spaces.seen import SeenSpace


def scoring_of(folder: Path, threshold: float | None = None, where: str | None = None, **ranking) -> EngineScores:
    ranker = Ranker(network(VARIETY[0]), **ranking)
    bounds = None if where is None else windows(where)
    seen = SeenSpace(made(folder, "stereo").reactions, ranker, bounds, 0, SILENT)
    return EngineScores(seen, Differences(seen), threshold)


def test_every_product_once_with_what_ranks_it(tmp_path: Path) -> None:
    scoring = scoring_of(tmp_path, score="a - 2*b")
    rescorers = scoring._seen.rescorers
    scanner = Scanner(scoring._seen.ranker, scoring._seen.sheets, 10**4)
    kept = scanner.scan(0, scanner.boxes(0)[0], -np.inf).best
    known: set[tuple[int, ...]] = set()
    found = sorted(scoring.scored(rescorers, kept, known))
    assert len(found) == len(known) == scoring.n == 24 < len(kept.heights)
    assert [one.height for one in found] == sorted((one.height for one in found), reverse=True)
    products = {product.id: product.smiles for product in molq.CombinatorialSpace(made(tmp_path, "stereo")).products}
    for one in found:
        ids = [own[at].id for own, at in zip(one.reaction.positions, one.synthons, strict=True)]
        assert products[";".join([*ids, "urea"])] == one.smiles
        assert one.value == pytest.approx(one.scores[0] - 2 * one.scores[1]) == pytest.approx(one.height)
    assert not list(scoring.scored(rescorers, kept, known))
    assert 0 < scoring.differences.largest < 1e-4


@pytest.mark.parametrize(("lowest", "beyond"), [(False, [0.1]), (True, [0.9])])
def test_what_is_worse_than_the_threshold_is_told(tmp_path: Path, lowest: bool, beyond: list[float]) -> None:
    scoring = scoring_of(tmp_path, 0.5, task="a", lowest=lowest)
    scanner = Scanner(scoring._seen.ranker, scoring._seen.sheets, 1)
    kept = scanner.scan(0, scanner.boxes(0)[0], -np.inf).best
    (one,) = scoring.scored(scoring._seen.rescorers, kept, set())
    values = [0.1, 0.5, 0.9]
    assert [value for value in values if scoring.is_beyond(one._replace(value=value))] == beyond

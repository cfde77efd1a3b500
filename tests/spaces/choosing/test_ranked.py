"""As many products are rescored as it takes to be sure of the best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_spaces import made
from variety import VARIETY, network

from molq.progress import SILENT
from molq.spaces.choosing import ranked as of_ranked
from molq.spaces.choosing.differences import Differences
from molq.spaces.choosing.ranked import ranked
from molq.spaces.choosing.scored import EngineScores
from molq.spaces.ranker import Ranker
from molq.spaces.scanning.best import Found
from molq.spaces.scanning.scanner import Scanner
from molq.spaces.seen import SeenSpace


@pytest.fixture
def passed(tmp_path: Path) -> tuple[EngineScores, SeenSpace, Found]:
    seen = SeenSpace(made(tmp_path, "aryls").reactions, Ranker(network(VARIETY[0]), "a"), None, 0, SILENT)
    scanner = Scanner(seen.ranker, seen.sheets, 10**4)
    parts = [scanner.scan(at, box, -np.inf).best for at in range(len(seen.sheets)) for box in scanner.boxes(at)]
    whole = Found(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    return EngineScores(seen, Differences(seen), None), seen, whole.rows(np.argsort(-whole.heights))


def test_it_stops_when_it_is_sure(passed, monkeypatch: pytest.MonkeyPatch) -> None:
    scoring, seen, kept = passed
    monkeypatch.setattr(of_ranked, "BATCH", 4)
    found = ranked(scoring, seen.rescorers, kept, -np.inf, 3, SILENT)
    assert len(found.products) == 3
    assert scoring.n == 4 < len(kept.heights)
    assert found.room is not None
    assert found.room > 2 * scoring.differences.largest > 0
    assert not found.is_short


def test_what_was_let_go_counts_with_the_cut_off(passed) -> None:
    scoring, seen, kept = passed
    few = kept.rows(np.arange(5))
    found = ranked(scoring, seen.rescorers, few, float(few.heights[4]), 5, SILENT)
    assert len(found.products) == 5
    assert abs(found.room) < 1e-4, "the last is as high as what was let go"
    short = ranked(scoring, seen.rescorers, few, float(few.heights[4]), 6, SILENT)
    assert (len(short.products), short.is_short, short.room) == (5, True, 0.0)
    assert ranked(scoring, seen.rescorers, kept, -np.inf, 100, SILENT).room is None

"""No more products share a synthon, or a reaction, than may."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_spaces import sheets_of
from variety import VARIETY, network

from molq.spaces.choosing.quota import Quota
from molq.spaces.properties.windowed import windowed
from molq.spaces.properties.windows import windows
from molq.spaces.ranker import Ranker
from molq.spaces.rescore import Rescorer
from molq.spaces.scanning.best import MAX_POSITIONS, Found
from molq.spaces.sheets import Products

RANKER = Ranker(network(VARIETY[0]), "a")


def combinations(*pieces: tuple[int, ...]) -> Found:
    rows = np.full((len(pieces), MAX_POSITIONS), -1, np.int32)
    rows[:, : len(pieces[0])] = pieces
    return Found(np.zeros(len(pieces), np.float32), np.zeros(len(pieces), np.int32), rows)


def test_what_is_used_up_is_closed(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "amides")
    quota = Quota("synthon", 2)
    numbers = quota.shared([sheet], combinations((0, 0), (0, 1), (1, 2)))
    assert (numbers[:, 2:] == 0).all()
    assert len({*numbers[:, :2].ravel().tolist()}) == 5
    assert (quota.of(sheet.reaction, (0, 1)) == numbers[1, :2]).all()
    quota.take(quota.of(sheet.reaction, (0, 0)))
    assert quota.is_open(numbers).tolist() == [True, True, True]
    quota.take(quota.of(sheet.reaction, (0, 1)))
    assert quota.is_open(numbers).tolist() == [False, False, True]


def test_a_synthon_is_the_same_in_every_position(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "amides")
    reaction = type(sheet.reaction)("other", (sheet.reaction.positions[1], sheet.reaction.positions[1]))
    quota = Quota("synthon", 1)
    quota.take(quota.of(reaction, (0, 0)))
    assert quota.is_open(quota.of(sheet.reaction, (0, 0))[None]).tolist() == [False]
    assert quota.is_open(quota.of(sheet.reaction, (0, 1))[None]).tolist() == [True]


@pytest.mark.parametrize("where", [None, "mw<1000"])
def test_what_is_left_has_no_piece_that_is_used_up(tmp_path: Path, where: str | None) -> None:
    (sheet,) = (
        sheets_of(tmp_path, "stereo") if where is None else windowed(sheets_of(tmp_path, "stereo"), windows(where))
    )
    rescorer = Rescorer(Products(sheet.reaction, RANKER.network.recipe), sheet, RANKER)
    quota = Quota("synthon", 1)
    assert list(quota.left([rescorer])) == [rescorer]
    quota.take(quota.of(sheet.reaction, (2, 0, 1)))
    (left,) = quota.left([rescorer])
    assert left.sheet.synthons == ((0, 1), (1,), (0, 2, 3))
    assert left.sheet.n_products == 6
    if left.sheet.window is not None:
        assert list(map(len, left.sheet.window.columns)) == list(map(len, left.sheet.pieces))
    quota.take(quota.of(sheet.reaction, (0, 1, 0)))
    assert list(quota.left([left])) == []


def test_of_a_reaction(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "amides")
    rescorer = Rescorer(Products(sheet.reaction, RANKER.network.recipe), sheet, RANKER)
    quota = Quota("reaction", 1)
    numbers = quota.shared([sheet], combinations((0, 0), (1, 2)))
    assert quota.is_open(numbers).all()
    quota.take(quota.of(sheet.reaction, (0, 0)))
    assert not quota.is_open(numbers).any()
    assert list(quota.left([rescorer])) == []

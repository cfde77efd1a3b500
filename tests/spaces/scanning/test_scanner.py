"""A scan gives every product its height, by the kernel and in NumPy alike."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from made_spaces import sheets_of
from variety import VARIETY, named, network

from molq.nn.ensemble import Ensemble
from molq.spaces.ranker import Ranker
from molq.spaces.rescore import Rescorer
from molq.spaces.scanning import scanner
from molq.spaces.scanning.scanner import Scanner
from molq.spaces.scanning.tables import Sights, Tables
from molq.spaces.sheets import Products

KINDS = [VARIETY[0], VARIETY[1], VARIETY[2], VARIETY[7], VARIETY[8]]
"""rectified with norm and mean readouts, without a hidden layer, with another activation"""


def heights_of(ranker: Ranker, sheets, max_products: int) -> dict[tuple[int, ...], float]:
    scanner = Scanner(ranker, sheets, 10**4)
    met: dict[tuple[int, ...], float] = {}
    for at in range(len(sheets)):
        for box in scanner.boxes(at):
            found = scanner.scan(at, box, -np.inf)
            assert len(found.best.heights) == box.n_products
            for height, pieces in zip(found.best.heights.tolist(), found.best.pieces.tolist(), strict=True):
                met[at, *pieces] = height
    return met


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("config", KINDS, ids=named)
def test_every_product_has_its_height(tmp_path: Path, config, lowest: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "MAX_PRODUCTS", 25)
    ranker = Ranker(network(config), "b", lowest=lowest)
    assert_heights(tmp_path, ranker)


def test_of_an_ensemble(tmp_path: Path) -> None:
    ranker = Ranker(Ensemble([network(VARIETY[0]), network(VARIETY[5])]), "b")
    assert ranker.unit is None
    assert_heights(tmp_path, ranker)


def assert_heights(folder: Path, ranker: Ranker) -> None:
    sheets = sheets_of(folder, "stereo")
    met = heights_of(ranker, sheets, 25)
    assert len(met) == sum(sheet.n_spellings for sheet in sheets)
    (sheet,) = sheets
    rescorer = Rescorer(Products(sheet.reaction, ranker.network.recipe), sheet, ranker)
    found = rescorer.rescore(list(itertools.product(*sheet.synthons)))
    got = [met[0, *pieces, *[-1] * 5] for pieces in map(tuple, found.pieces.tolist())]
    np.testing.assert_allclose(got, found.executed.heights, rtol=1e-4, atol=2e-5)


def test_only_what_is_higher_comes_out(tmp_path: Path) -> None:
    ranker = Ranker(network(VARIETY[0]), "a")
    sheets = sheets_of(tmp_path, "amides")
    scanner = Scanner(ranker, sheets, 3)
    (box,) = scanner.boxes(0)
    best = scanner.scan(0, box, -np.inf).best
    assert len(best.heights) == 3
    assert len(scanner.scan(0, box, float(best.heights.max())).best.heights) == 0
    assert len(Scanner(ranker, sheets, 10).scan(0, box, float(np.sort(best.heights)[1])).best.heights) == 1


@pytest.mark.parametrize("config", KINDS, ids=named)
def test_what_is_passed_over_is_not_among_the_best(tmp_path: Path, config) -> None:
    ranker = Ranker(network(config), "a")
    sheets = sheets_of(tmp_path, "stereo")
    every = Scanner(ranker, sheets, 10**4)
    (box,) = every.boxes(0)
    heights = every.scan(0, box, -np.inf).best.heights
    best = Scanner(ranker, sheets, 5, every.orders).scan(0, box, -np.inf).best.heights
    assert sorted(best.tolist()) == sorted(heights.tolist())[-5:]


def test_tiles_of_a_large_box_are_made_one_by_one() -> None:
    """A hundred thousand pieces in each of two positions: all their places at once are 160 GB."""
    n, width = 100_000, 16
    base, nothing = np.arange(2 * n, dtype=np.float32)[:, None].repeat(width, axis=1), np.zeros(0, np.int64)
    sights = Sights(np.zeros(3, np.int64), nothing, nothing, np.zeros((0, 2), np.int64))
    ptr, pieces = np.array([0, 1, 2]), np.array([0, n, 2 * n])
    terms = np.zeros((0, width), np.float32)
    made = Tables(base, np.arange(2 * n), pieces, pieces, ptr, ptr, ptr[:2], terms, sights, sights, (sights,) * 3)
    sums, chosen = next(scanner._tiles(made, width))
    assert chosen[[0, 1, -1]].tolist() == [[0, n], [0, n + 1], [0, n + scanner._TILE - 1]]
    assert (sums[:, 0] == n + np.arange(scanner._TILE)).all()

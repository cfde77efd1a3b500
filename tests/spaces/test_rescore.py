"""Products scored by the engine, and what pieces they turn out to be of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from made_spaces import made, sheets_of
from variety import VARIETY, network

import molq
from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.spaces.ranker import Ranker
from molq.spaces.rescore import Rescorer
from molq.spaces.sheets import Products


def test_scores_are_those_of_the_smiles(tmp_path: Path) -> None:
    ranker = Ranker(network(VARIETY[0]), "a")
    (sheet,) = sheets_of(tmp_path, "stereo")
    found = Rescorer(Products(sheet.reaction, ranker.network.recipe), sheet, ranker).rescore([(2, 1, 3), (0, 0, 0)])
    expected = [p.smiles for p in molq.CombinatorialSpace(made(tmp_path, "stereo")).products]
    assert found.smiles == (expected[2 * 8 + 4 + 3], expected[0])
    assert (found.executed.scores == Engine(ranker.network).scores(featurize(found.smiles).graphs)).all()
    for row, choice in zip(found.pieces, found.choices, strict=True):
        assert [sheet.pieces[p][at].synthon for p, at in enumerate(row)] == choice.tolist()


def test_a_product_that_looks_otherwise_is_told(tmp_path: Path) -> None:
    ranker = Ranker(network(VARIETY[0]), "a")
    (sheet,) = sheets_of(tmp_path, "amides")
    wrong = sheet.pieces[1][0]._replace(atoms=sheet.pieces[1][0].atoms ^ np.uint64(1))
    other = type(sheet)(sheet.reaction, sheet.joins, sheet.bonds, (sheet.pieces[0], (wrong, *sheet.pieces[1][1:])))
    found = Rescorer(Products(sheet.reaction, ranker.network.recipe), other, ranker).rescore([(0, 0), (0, 1)])
    assert found.is_known.tolist() == [False, True]

"""Boxes make up a sheet, each of no more terms than fit."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from made_spaces import sheets_of
from variety import VARIETY, network

from molq.spaces.additive import Additive
from molq.spaces.scanning.boxes import Box, Order, Scene, boxes, n_terms
from molq.spaces.scanning.grouping import Grouping
from molq.spaces.sheets import Sheet
from molq.spaces.terms import SheetTerms

ADDITIVE = Additive(network(VARIETY[0]))


def scene_of(sheet: Sheet) -> Scene:
    terms = SheetTerms(sheet, ADDITIVE)
    grouping = Grouping.of(terms)
    alone = [terms.alone(position) for position in range(len(terms.views))]
    return Scene(terms, grouping, Order.of(terms, grouping, alone, np.ones(ADDITIVE.width, np.float32)))


@pytest.mark.parametrize("space", ["stereo", "quinolines", "long"])
def test_boxes_hold_every_combination_once(tmp_path: Path, space: str) -> None:
    (sheet, *_) = sheets_of(tmp_path, space)
    scene = scene_of(sheet)
    whole = list(boxes(scene, 10**9, 10**9, 10**9))
    assert len(whole) == 1
    for most in (12, 3):
        met: list[tuple[int, ...]] = []
        for box in boxes(scene, most, 10**9, 10**9):
            assert n_terms(scene, box) <= most or box.n_products == 1
            ranges = [own[a:b].tolist() for own, a, b in zip(scene.order.pieces, box.start, box.stop, strict=True)]
            met += itertools.product(*ranges)
        assert len(met) == len(set(met)) == sheet.n_spellings
    assert all(box.n_products <= 5 for box in boxes(scene, 10**9, 5, 10**9))
    for most in (7, 1):
        parts = list(boxes(scene, 10**9, 10**9, most))
        assert all(sum(box.sizes) <= most or box.n_products == 1 for box in parts)
        assert sum(box.n_products for box in parts) == sheet.n_spellings


def test_pieces_of_a_group_stand_together(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "stereo")
    terms, grouping, order = scene_of(sheet)
    for own, view, classes, groups in zip(order.pieces, terms.views, grouping.classes, grouping.groups, strict=True):
        assert sorted(own) == list(range(view.n_pieces))
        for numbers in (classes[own], groups[own]):
            assert 1 + int((numbers[1:] != numbers[:-1]).sum()) == len(set(numbers.tolist()))


def test_a_small_box_is_cut_off_and_nothing_is_lost() -> None:
    box = Box((0, 2, 0), (7, 9, 5))
    first, *rest = box.cut(20)
    assert 10 <= first.n_products <= 20
    assert first.n_products + sum(other.n_products for other in rest) == box.n_products
    assert box.cut(10**6) == [box]
    (one, *others) = box.cut(0)
    assert one.n_products == 1
    assert sum(other.n_products for other in others) == box.n_products - 1

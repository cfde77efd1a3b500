"""Boxes make up a sheet, each of no more terms than fit."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from made_spaces import sheets_of
from variety import VARIETY, network

from molq.spaces.additive import Additive
from molq.spaces.scanning.boxes import LANES, Box, Order, boxes, filled_up, n_terms, tables
from molq.spaces.terms import SheetTerms

ADDITIVE = Additive(network(VARIETY[0]))


def order_of(terms: SheetTerms) -> Order:
    alone = [terms.alone(position) for position in range(len(terms.views))]
    return Order.of(terms, alone, np.ones(ADDITIVE.width, np.float32))


@pytest.mark.parametrize("space", ["stereo", "quinolines"])
def test_boxes_hold_every_combination_once(tmp_path: Path, space: str) -> None:
    (sheet, *_) = sheets_of(tmp_path, space)
    terms = SheetTerms(sheet, ADDITIVE)
    order = order_of(terms)
    whole = list(boxes(terms, order, 10**9, 10**9, 10**9))
    assert len(whole) == 1
    for most in (12, 3):
        met: list[tuple[int, ...]] = []
        for box in boxes(terms, order, most, 10**9, 10**9):
            assert n_terms(terms, order, box) <= most or box.n_products == 1
            ranges = [own[a:b].tolist() for own, a, b in zip(order.pieces, box.start, box.stop, strict=True)]
            met += itertools.product(*ranges)
        assert len(met) == len(set(met)) == sheet.n_spellings
    assert all(box.n_products <= 5 for box in boxes(terms, order, 10**9, 5, 10**9))
    for most in (7, 1):
        parts = list(boxes(terms, order, 10**9, 10**9, most))
        assert all(sum(box.sizes) <= most or box.n_products == 1 for box in parts)
        assert sum(box.n_products for box in parts) == sheet.n_spellings


def test_tables_hold_as_many_terms_as_were_counted(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "stereo")
    terms = SheetTerms(sheet, ADDITIVE)
    order = order_of(terms)
    box = Box((0, 0, 0), tuple(map(len, order.pieces)))
    alone = tuple(terms.alone(position) for position in range(3))
    made = tables(terms, order, box, alone)
    assert len(made.terms) == n_terms(terms, order, box)
    assert made.base.shape == (sum(map(len, sheet.pieces)), 304)


def test_rows_are_filled_up_with_zeros() -> None:
    row = np.arange(1, 20, dtype=np.float32)
    assert filled_up(row).tolist() == [*row.tolist(), *[0.0] * (2 * LANES - 19)]
    assert len(filled_up(row[:16])) == 16


def test_pieces_of_one_near_class_stand_together(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "stereo")
    terms = SheetTerms(sheet, ADDITIVE)
    for own, view in zip(order_of(terms).pieces, terms.views, strict=True):
        assert sorted(own) == list(range(view.n_pieces))
        for classes in view.nested:
            met = classes[own]
            assert 1 + int((met[1:] != met[:-1]).sum()) == len(set(met.tolist()))


def test_a_small_box_is_cut_off_and_nothing_is_lost() -> None:
    box = Box((0, 2, 0), (7, 9, 5))
    first, *rest = box.cut(20)
    assert 10 <= first.n_products <= 20
    assert first.n_products + sum(other.n_products for other in rest) == box.n_products
    assert box.cut(10**6) == [box]
    (one, *others) = box.cut(0)
    assert one.n_products == 1
    assert sum(other.n_products for other in others) == box.n_products - 1

"""The tables of a box add up to every product, and their crowns are no lower in any channel."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from made_spaces import sheets_of
from variety import VARIETY, network

from molq.spaces.additive import Additive
from molq.spaces.scanning import grouping, kernels, tables
from molq.spaces.scanning.boxes import Box, Order, Scene, chosen_pieces, n_terms
from molq.spaces.scanning.tables import filled_up
from molq.spaces.terms import SheetTerms, product_sums

ADDITIVE = Additive(network(VARIETY[0]))
WEIGHT = np.random.default_rng(0).normal(size=ADDITIVE.width).astype(np.float32)


@pytest.fixture(params=itertools.product(["stereo", "long"], [-1, 0, 1]), ids=str)
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A part of a sheet in classes of a reach: its tables, and the sums of its products."""
    monkeypatch.setattr(tables, "MOST_PIECES", 2)
    space, reach = request.param
    (sheet, *_) = sheets_of(tmp_path, space)
    terms = SheetTerms(sheet, ADDITIVE)
    alone = [terms.alone(position) for position in range(3)]
    grouped = grouping._with(terms, [reach] * 3)
    scene = Scene(terms, grouped, Order.of(terms, grouped, alone, WEIGHT))
    sizes = [len(own) for own in scene.order.pieces]
    box = Box((1, 0, 0), (sizes[0], sizes[1], sizes[2] - 1))
    pieces = chosen_pieces(scene.order, box)
    found = tables.tables(scene, box, alone, WEIGHT, tables.Arena(ADDITIVE.width))
    assert n_terms(scene, box) <= len(found.terms)

    def sums(chosen) -> np.ndarray:
        """[width] of the product of pieces of the box."""
        own = [of_position[at - first] for of_position, at, first in zip(pieces, chosen, found.piece_ptr, strict=False)]
        return product_sums(terms, np.array([own]), alone)[0]

    return found, sums


def test_pieces_and_far_terms_add_up_to_products(made) -> None:
    box, sums = made
    width = box.base.shape[1]
    far = np.empty(width, np.float32)
    n = 0
    for classes in itertools.product(*map(range, box.position_ptr[:-1], box.position_ptr[1:])):
        rows = [rows_of(box, p, classes) for p in range(3)]
        for groups in itertools.product(*(range(box.class_ptr[c], box.class_ptr[c + 1]) for c in classes)):
            kernels.fill_beside(box.far[-1], box.terms, np.array(groups), far)
            for chosen in itertools.product(*(range(box.group_ptr[g], box.group_ptr[g + 1]) for g in groups)):
                total = far + sum(rows[p][at] for p, at in enumerate(chosen))
                np.testing.assert_allclose(total[: ADDITIVE.width], sums(chosen), rtol=1e-4, atol=1e-4)
                n += 1
    assert n == np.prod(np.diff(box.piece_ptr))


def test_no_product_is_above_the_crowns_of_its_groups_or_classes(made) -> None:
    box, sums = made
    x, weight = np.empty(box.base.shape[1], np.float32), filled_up(WEIGHT)
    sign = np.sign(WEIGHT)
    crowns = kernels.new_crowns(box)
    n_groups = len(box.group_ptr) - 1
    assert np.diff(box.group_ptr).max() <= 2
    for classes in itertools.product(*map(range, box.position_ptr[:-1], box.position_ptr[1:])):
        kernels.fill_crowns(box, np.array(classes), weight, crowns)
        first = [int(box.class_ptr[c]) for c in classes]
        for groups in itertools.product(*(range(box.class_ptr[c], box.class_ptr[c + 1]) for c in classes)):
            chosen = [(int(box.group_ptr[g]), int(box.group_ptr[g + 1]) - 1) for g in groups]
            products = [sums(pair) for pair in itertools.product(*chosen)]
            for n_opened in range(4):
                opened = set(box.opening[:n_opened].tolist())
                units = [groups[p] if p in opened else first[p] for p in range(3)]
                kernels.fill_beside(box.far[n_opened], box.terms, np.array(units), x)
                rows = x + sum(crowns.rows[groups[p] if p in opened else n_groups + p] for p in range(3))
                for product in products:
                    assert (sign * (rows[: ADDITIVE.width] - product) >= -1e-4).all()


def rows_of(box, position: int, classes) -> dict[int, np.ndarray]:
    """Of each piece of a class."""
    groups = box.class_ptr[classes[position]], box.class_ptr[classes[position] + 1]
    first, stop = box.group_ptr[list(groups)]
    out = np.empty((stop - first, box.base.shape[1]), np.float32)
    kernels.fill_rows(box, position, np.array(classes), first, stop, out)
    return dict(zip(range(first, stop), out, strict=True))


def test_rows_are_filled_up_with_zeros() -> None:
    row = np.arange(1, 20, dtype=np.float32)
    assert filled_up(row).tolist() == [*row.tolist(), *[0.0] * 13]
    assert len(filled_up(row[:16])) == 16

"""Sheets hold every product once, and every synthon looks in them as in any of its products."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from made_spaces import HEADER, MADE, made, sheets_of

from molq.chem.recipe import PLAIN, Recipe
from molq.spaces.read_space import read_space
from molq.spaces.sheets import Products, perceive


@pytest.mark.parametrize("name", MADE)
def test_every_product_is_of_one_sheet_and_looks_as_it_says(tmp_path: Path, name: str) -> None:
    (reaction,) = made(tmp_path, name).reactions
    found = perceive(reaction, PLAIN)
    assert found.differing == 0
    assert not found.refused
    products = Products(reaction, PLAIN)
    met = []
    for sheet in found.sheets:
        choices = list(itertools.product(*sheet.synthons))
        met += choices
        looks = [{piece.synthon: piece.content for piece in own} for own in sheet.pieces]
        for choice, taken in zip(choices, products.taken(choices), strict=True):
            assert taken.joins == sheet.bonds
            assert [piece.content for piece in taken.pieces] == [
                look[at] for look, at in zip(looks, choice, strict=True)
            ]
    assert sorted(met) == sorted(itertools.product(*(range(len(own)) for own in reaction.positions)))


def test_conjugation_across_a_join_makes_sheets(tmp_path: Path) -> None:
    assert len(sheets_of(tmp_path, "aryls")) > 1
    assert len(sheets_of(tmp_path, "amides")) == 1


def test_spellings_are_counted_apart_from_products(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "stereo")
    assert sheet.n_products == 3 * 2 * 4
    assert sheet.n_spellings == 4 * 3 * 5
    (sheet,) = sheets_of(tmp_path, "stereo", Recipe(ignore_stereo=True))
    assert sheet.n_spellings == sheet.n_products


def test_what_rdkit_refuses_is_counted_and_left_out(tmp_path: Path) -> None:
    rows = ["[1*]C a 0 r", "[1*]=C d 0 r", "[1*]N(C)C b 1 r", "C[N+](C)(C)[1*] e 1 r", "O(C)[1*] c 1 r"]
    (tmp_path / "s.txt").write_text(HEADER + "\n".join(rows).replace(" ", "\t") + "\n")
    (reaction,) = read_space(tmp_path / "s.txt").reactions
    found = perceive(reaction, PLAIN)
    assert sum(sheet.n_products for sheet in found.sheets) + sum(found.refused.values()) == reaction.n_products
    assert sum(found.refused.values()) == 3

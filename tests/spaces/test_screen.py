"""The best of a space are those that scoring every product by the engine finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_spaces import HEADER, MADE, made

import molq
from molq.errors import InputError, UnsupportedError
from molq.spaces.read_space import read_space
from molq.spaces.screen import Screening, screen_space

MODEL = bytes(molq.load("bace-dmpnn"))


def brute_force(space, model: molq.Model) -> list[tuple[float, str]]:
    products = list(molq.CombinatorialSpace(space).products)
    scores = model.predict([product.smiles for product in products])
    return sorted(zip(scores.tolist(), [p.id for p in products], strict=True), key=lambda row: -row[0])


@pytest.mark.parametrize("name", MADE)
def test_the_best_are_those_of_brute_force(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("molq.spaces.screen._RESCORED", 3)
    space = made(tmp_path, name)
    expected = brute_force(space, molq.load("bace-dmpnn"))
    found = screen_space(space, MODEL, "bace", Screening(top=4, sample_check=20))
    assert [(hit.scores[0], hit.id) for hit in found.hits] == expected[:4]
    assert found.exactness.is_exact
    assert found.exactness.differing == 0
    assert found.exactness.checked >= 20
    assert 0 < found.exactness.largest < 1e-5
    assert found.products == len(expected)
    worst = screen_space(space, MODEL, "bace", Screening(top=3, sample_check=0, lowest=True))
    assert [hit.id for hit in worst.hits] == [name for _, name in expected[:-4:-1]]


def test_a_threshold_leaves_out_what_is_worse_and_a_reaction_others(tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text(MADE["amides"] + MADE["aryls"].removeprefix(HEADER))
    space = read_space(tmp_path / "two.txt")
    expected = brute_force(made(tmp_path, "aryls"), molq.load("bace-dmpnn"))
    asked = Screening(top=50, threshold=expected[5][0], reactions=("aryl",))
    found = screen_space(space, MODEL, "bace", asked)
    assert [hit.id for hit in found.hits] == [name for _, name in expected[:6]]
    with pytest.raises(InputError, match="has no reaction 'suzuki'; it has amide, aryl"):
        screen_space(space, MODEL, "bace", Screening(reactions=("suzuki",)))


def test_a_space_of_one_product_and_one_without(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(HEADER + "[1*]CC\ta\t0\tr\n[1*]O\tb\t1\tr\n")
    found = screen_space(read_space(tmp_path / "s.txt"), MODEL, "bace", Screening())
    assert [hit.smiles for hit in found.hits] == ["CCO"]
    assert found.exactness.room is None
    (tmp_path / "s.txt").write_text(HEADER + "[1*]=CC\ta\t0\tr\nC[1*](C)(C)C\tb\t1\tr\n")
    with pytest.raises(InputError):
        screen_space(read_space(tmp_path / "s.txt"), MODEL, "bace", Screening())


def test_more_positions_than_are_screened_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"[{1 + at // 2 % 4}*]C\ta{at}\t{at}\tr\n" for at in range(9))
    (tmp_path / "s.txt").write_text(HEADER + rows)
    with pytest.raises(UnsupportedError, match="9 positions, and 8 are the most"):
        screen_space(read_space(tmp_path / "s.txt"), MODEL, "bace", Screening())
    (tmp_path / "s.txt").write_text(MADE["amides"] + rows)
    asked = Screening(reactions=("amide",), sample_check=0)
    assert len(screen_space(read_space(tmp_path / "s.txt"), MODEL, "bace", asked).hits) == 6

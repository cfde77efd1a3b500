"""A diverse list is that of going down every product, however many passes it takes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from made_spaces import HEADER, MADE

import molq
from molq.results.space import DiverseBy, SpaceScreen
from molq.spaces import screen
from molq.spaces.choosing import diverse
from molq.spaces.read_space import read_space
from molq.spaces.screen import Screening, screen_space
from molq.spaces.space import Space

MODEL = bytes(molq.load("bace-dmpnn"))
THREE = HEADER + "".join(
    f"{smiles}\t{position}-{i}\t{position}\tthree\n"
    for position, own in enumerate(
        [
            ["CC(=O)[1*]", "c1ccccc1[1*]", "C1CC1[1*]", "FC(F)(F)[1*]"],
            ["[1*]NCC[2*]", "[1*]c1ccc([2*])cc1", "[1*]OC[2*]", "[1*]N1CCC([2*])CC1"],
            ["[2*]O", "[2*]N(C)C", "[2*]c1ccncc1", "[2*]C#N"],
        ]
    )
    for i, smiles in enumerate(own)
)


@pytest.fixture
def space(tmp_path: Path) -> Space:
    """Three reactions; two share synthons."""
    aryls, stereo = (MADE[name].removeprefix(HEADER) for name in ("aryls", "stereo"))
    (tmp_path / "s.txt").write_text(THREE + aryls + stereo + aryls.replace("aryl", "again"))
    return read_space(tmp_path / "s.txt")


def from_the_best_down(space: Space, by: str, at_most: int, top: int, lowest: bool) -> list[str]:
    synthons = {(r.id, s.id): s.smiles for r in space.reactions for own in r.positions for s in own}
    products = list(molq.CombinatorialSpace(space).products)
    scores = molq.load("bace-dmpnn").predict([one.smiles for one in products]) * (1 if lowest else -1)
    taken: Counter[str] = Counter()
    found = []
    for _, one in sorted(zip(scores.tolist(), products, strict=True), key=lambda pair: pair[0]):
        shared = (
            {one.reaction} if by == "reaction" else {synthons[one.reaction, name] for name in one.id.split(";")[:-1]}
        )
        if all(taken[name] < at_most for name in shared) and len(found) < top:
            taken.update(shared)
            found.append(one.smiles)
    return found


def smiles_of(found: SpaceScreen) -> list[str]:
    return [hit.smiles for hit in found.hits]


@pytest.mark.parametrize(
    ("by", "at_most", "top", "keep"),
    [
        ("synthon", 1, 4, 2),
        ("synthon", 1, 100, 7),
        ("synthon", 1, 4, 10**6),
        ("synthon", 2, 100, 60),
        ("synthon", 2, 100, 10**6),
        ("reaction", 3, 100, 12),
        ("reaction", 3, 7, 10**6),
    ],
)
@pytest.mark.parametrize("lowest", [False, True])
def test_it_is_that_of_every_product(
    space: Space, by: DiverseBy, at_most: int, top: int, lowest: bool, keep: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_KEPT", "_KEPT_DIVERSE", "_MOST_KEPT", "_KEPT_PER_HIT"):
        monkeypatch.setattr(screen, name, 0)
    monkeypatch.setattr(screen, "_KEPT", keep)
    monkeypatch.setattr(diverse, "_FEW", 3)
    asked = Screening(top=top, sample_check=100, lowest=lowest, diverse_by=by, at_most=at_most)
    found = screen_space(space, MODEL, "bace", asked)
    assert smiles_of(found) == from_the_best_down(space, by, at_most, top, lowest)
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    assert found.are_all == (len(found.hits) < top)
    assert (found.passes > 1) == (keep < 10**6)
    assert not found.is_short


def test_processes_serve_every_pass(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_KEPT", "_KEPT_DIVERSE", "_MOST_KEPT", "_KEPT_PER_HIT"):
        monkeypatch.setattr(screen, name, 0)
    monkeypatch.setattr(screen, "_KEPT", 2)
    found = screen_space(space, MODEL, "bace", Screening(top=3, sample_check=10, diverse_by="synthon", workers=2))
    assert found.passes > 1
    assert smiles_of(found) == from_the_best_down(space, "synthon", 1, 3, False)


def test_it_ends_at_the_threshold_and_is_sure(space: Space) -> None:
    whole = screen_space(space, MODEL, "bace", Screening(top=9, diverse_by="synthon"))
    assert whole.exactness.is_exact
    bar = whole.hits[2].scores[0]
    found = screen_space(space, MODEL, "bace", Screening(top=9, diverse_by="synthon", threshold=bar))
    assert smiles_of(found) == smiles_of(whole)[:3]
    assert not found.are_all
    assert found.exactness.is_exact


def test_where_nothing_is_sure_it_is_said(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_KEPT", "_KEPT_DIVERSE", "_MOST_KEPT", "_KEPT_PER_HIT"):
        monkeypatch.setattr(screen, name, 0)
    monkeypatch.setattr(screen, "_KEPT", 1)
    found = screen_space(space, MODEL, "bace", Screening(top=3, sample_check=100, diverse_by="synthon"))
    assert len(found.hits) == 3
    assert not found.exactness.is_exact, "each pass keeps one product, as high as its own cut-off"

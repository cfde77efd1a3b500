"""The best of a space are those that scoring every product by the engine finds."""

from __future__ import annotations

import tracemalloc
import weakref
from dataclasses import replace
from math import nan
from pathlib import Path

import numpy as np
import pytest
import torch
from made_spaces import HEADER, MADE, made

import molq
from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.errors import InputError, UnsupportedError
from molq.nn.config import default_config
from molq.nn.predictor import Predictor
from molq.report.text.space import screen_text
from molq.results.space import SpaceScreen
from molq.serial import from_json, to_json
from molq.spaces import screen
from molq.spaces.ranker import Ranker
from molq.spaces.read_space import read_space
from molq.spaces.rescore import Rescorer
from molq.spaces.screen import Screening, screen_space
from molq.spaces.terms import SheetTerms
from molq.store.card import Card
from molq.store.molqfile import encode

MODEL = bytes(molq.load("bace-dmpnn"))


def brute_force(space, model: molq.Model) -> list[tuple[float, str]]:
    products = list(molq.CombinatorialSpace(space).products)
    scores = model.predict([product.smiles for product in products])
    return sorted(zip(scores.tolist(), [p.id for p in products], strict=True), key=lambda row: -row[0])


@pytest.mark.parametrize("name", MADE)
def test_the_best_are_those_of_brute_force(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("differences", "scored", "ranked"):
        monkeypatch.setattr(f"molq.spaces.choosing.{module}.BATCH", 3)
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


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize(
    ("kind", "text", "is_fast"),
    [
        ("regression", "a - 0.5*b + 1", True),
        ("regression", "-a", True),
        ("classification", "-2*b", True),
        ("classification", "a - b", False),
    ],
)
def test_a_sum_of_scores_ranks_as_brute_force(
    tmp_path: Path, kind: str, text: str, is_fast: bool, lowest: bool
) -> None:
    network = small_network(kind)
    assert (Ranker(network, None, score=text).unit is not None) == is_fast
    space = made(tmp_path, "stereo")
    products = list(molq.CombinatorialSpace(space).products)
    scores = Engine(network).scores(featurize([one.smiles for one in products]).graphs).astype(np.float64)
    a, b = scores.T
    values = {"a - 0.5*b + 1": a - 0.5 * b + 1, "-a": -a, "-2*b": -2 * b, "a - b": a - b}[text]
    order = np.argsort(values if lowest else -values)
    asked = Screening(top=5, sample_check=20, score=text, lowest=lowest)
    found = screen_space(space, encode(network, Card("small")), "small", asked)
    assert [hit.id for hit in found.hits] == [products[i].id for i in order[:5]]
    assert (found.columns, found.ranked_by, found.score) == (("a", "b", text), text, text)
    np.testing.assert_allclose([hit.scores for hit in found.hits], np.column_stack([scores, values])[order[:5]])
    assert found.exactness.is_exact
    best = screen_space(
        space, encode(network, Card("small")), "small", replace(asked, threshold=float(values[order[2]]))
    )
    assert len(best.hits) == 3


def small_network(kind: str) -> Predictor:
    torch.manual_seed(5)
    found = Predictor(default_config("dmpnn", ("a", "b"), kind, d_h=32)).eval()
    if kind == "regression":
        found.output_mean.copy_(torch.tensor([3.0, -1.0]))
        found.output_scale.copy_(torch.tensor([2.0, 0.5]))
    return found


def test_a_score_that_is_no_sum_is_refused_before_any_work(tmp_path: Path) -> None:
    space = made(tmp_path, "amides")
    with pytest.raises(UnsupportedError, match="a product of scores"):
        screen_space(space, MODEL, "bace", Screening(score="Class*Class"))
    with pytest.raises(InputError, match="no score 'herg'; those it has are Class"):
        screen_space(space, MODEL, "bace", Screening(score="Class - herg"))
    with pytest.raises(InputError, match="`task` and `score`"):
        screen_space(space, MODEL, "bace", Screening(score="Class", task="Class"))


@pytest.mark.slow
def test_memory_grows_little_with_synthons(tmp_path: Path) -> None:
    sizes = []
    for n in (1_000, 4_000):
        lines = "".join(f"[1*]N{'C' * (i % 7 + 1)}O{'C' * (i // 7 % 50 + 1)}F\t{i}\t1\tr\n" for i in range(n))
        (tmp_path / "s.txt").write_text(f"{HEADER}[1*]C(C)=O\to\t0\tr\n{lines}")
        space = read_space(tmp_path / "s.txt")
        screen_space(space, MODEL, "bace", Screening(top=10, sample_check=10))
        tracemalloc.start()
        screen_space(space, MODEL, "bace", Screening(top=10, sample_check=10))
        sizes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (sizes[1] - sizes[0]) / 3_000 < 12_000


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


def test_of_the_best_those_that_look_otherwise_count_with_their_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rescore = Rescorer.rescore

    def otherwise(self, choices):
        found = rescore(self, choices)
        executed = found.executed._replace(heights=found.executed.heights + 1)
        return replace(found, is_known=~found.is_known, pieces=found.pieces * 0 - 1, executed=executed)

    monkeypatch.setattr(Rescorer, "rescore", otherwise)
    found = screen_space(made(tmp_path, "amides"), MODEL, "bace", Screening(top=2, sample_check=0)).exactness
    assert found.differing == 6
    assert found.largest == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("n_checked", [0, 6])
def test_a_score_that_is_no_number_is_as_far_as_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_checked: int
) -> None:
    executed = Ranker.executed

    def lost(self, graphs):
        found = executed(self, graphs)
        return found._replace(heights=np.where(np.arange(len(found.heights)) == 1, nan, found.heights))

    monkeypatch.setattr(Ranker, "executed", lost)
    found = screen_space(made(tmp_path, "amides"), MODEL, "bace", Screening(top=2, sample_check=n_checked))
    assert found.exactness.largest is None
    assert len(found.hits) == 2
    assert all(np.isfinite(hit.scores).all() for hit in found.hits)
    assert from_json(to_json(found), SpaceScreen, "here") == found


def test_as_many_products_come_out_as_are_asked_for_or_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "_KEPT", 1)
    monkeypatch.setattr(screen, "_KEPT_PER_HIT", 1)
    space = made(tmp_path, "stereo")
    expected = brute_force(space, molq.load("bace-dmpnn"))
    asked = Screening(top=8, sample_check=0)
    found = screen_space(space, MODEL, "bace", asked)
    assert [hit.id for hit in found.hits] == [name for _, name in expected[:8]]
    assert not found.is_short
    monkeypatch.setattr(screen, "_MOST_KEPT", 0)
    found = screen_space(space, MODEL, "bace", asked)
    assert 0 < len(found.hits) < 8
    assert found.is_short
    assert not found.exactness.is_exact
    assert "fewer products than were asked for" in screen_text(found)


def test_terms_of_one_sheet_at_a_time_are_held_for_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_terms: list[weakref.ref[SheetTerms]] = []
    alive: list[int] = []

    def terms(*given) -> SheetTerms:
        alive.append(sum(one() is not None for one in made_terms))
        found = SheetTerms(*given)
        made_terms.append(weakref.ref(found))
        return found

    monkeypatch.setattr("molq.spaces.rescore.SheetTerms", terms)
    (tmp_path / "two.txt").write_text(MADE["amides"] + MADE["aryls"].removeprefix(HEADER))
    screen_space(read_space(tmp_path / "two.txt"), MODEL, "bace", Screening(top=2, sample_check=20))
    assert len(alive) > 1
    assert set(alive) == {0}

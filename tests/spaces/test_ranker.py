"""What products are ranked by."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from heads import HEADS, head_of
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.engine import kernels
from molq.errors import InputError, UnsupportedError
from molq.nn.config import default_config
from molq.nn.ensemble import Ensemble
from molq.nn.predictor import Predictor
from molq.spaces.ranker import Ranker, chosen_column, ranked_by

GRAPHS = featurize(["CCO", "c1ccccc1N", "CC(=O)NC"]).graphs


@pytest.mark.parametrize("outputs", HEADS, ids=str)
def test_heights_rise_with_scores(outputs) -> None:
    model = head_of(outputs)
    task = "logS_0" if outputs.n_classes else "logS"
    names = [column.name for column in model.columns if column.is_prediction]
    ranker = Ranker(model, task if task in names else names[0])
    (place,) = ranker.by.places
    found = ranker.executed(GRAPHS)
    assert (np.argsort(found.heights) == np.argsort(found.scores[:, place])).all()
    turned = Ranker(model, ranker.by.name, lowest=True).executed(GRAPHS)
    assert (turned.heights == -found.heights).all()


def test_a_column_has_to_be_chosen_of_several() -> None:
    with pytest.raises(
        InputError,
        match="`task` must say what products are ranked by, or `score` a sum of scores: the model predicts a, b",
    ):
        chosen_column(network(VARIETY[0]).columns, None)
    with pytest.raises(InputError, match="no task 'x'"):
        chosen_column(network(VARIETY[0]).columns, "x")
    assert chosen_column(network(VARIETY[0]).columns, "b").name == "b"
    assert not Ranker(Ensemble([network(VARIETY[0]), network(VARIETY[5])]), "a").in_logits


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"architecture": "attentivefp"}, "architecture 'attentivefp' cannot score a space"),
        ({"readout": "attentive"}, "readout 'attentive' cannot score a space"),
    ],
)
def test_what_is_no_sum_is_refused_by_name(changes: dict[str, str], reason: str) -> None:
    config = default_config(changes.pop("architecture", "dmpnn"), ("a",), "regression", d_h=16, **changes)
    with pytest.raises(UnsupportedError, match=reason):
        Ranker(Predictor(config).eval(), None)


SINGLE = [outputs for outputs in HEADS if outputs.n_classes is None]
CASES = [
    *itertools.product(SINGLE, ["logS", "2*logS + 1", "-`b c`", "logS - 0.5*`b c` + 3"]),
    *((outputs, "1e3*logS + logS_std") for outputs in SINGLE if outputs.uncertainty in ("mve", "evidential")),
    *((outputs, "logS_1 - 2*logS_3") for outputs in HEADS if outputs.n_classes is not None),
]


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize(("outputs", "text"), CASES, ids=str)
def test_heights_rise_with_a_sum_of_scores(outputs, text: str, lowest: bool) -> None:
    model = head_of(outputs)
    names = [column.name for column in model.columns]
    ranker = Ranker(model, None, lowest=lowest, score=text)
    found = ranker.executed(GRAPHS)
    scores = dict(zip(names, found.scores.T.astype(np.float64), strict=True))
    expected = eval(text.replace("`b c`", "b").replace("`", ""), {}, {**scores, "b": scores.get("b c")})
    values = ranker.by.of(found.scores)
    np.testing.assert_allclose(values, expected, rtol=1e-12)
    assert (np.argsort(found.heights) == np.argsort(-values if lowest else values)).all()
    np.testing.assert_allclose([ranker.value_at(height) for height in found.heights], values, rtol=1e-5, atol=1e-6)
    assert ranker.by.is_column == (text == "logS")


@pytest.mark.parametrize("text", ["a - 0.5*b + 7", "b", "-2*a"])
def test_the_short_way_to_a_height(text: str) -> None:
    ranker = Ranker(network(VARIETY[2]), None, score=text)
    unit = ranker.unit
    assert unit is not None
    sums = np.random.default_rng(0).normal(size=(5, ranker.additive.width)).astype(np.float32)
    n_atoms = np.full(5, 9)
    hidden = ranker.additive.hidden(sums, n_atoms)
    kernels.activate_rows(hidden, *unit.activation)
    np.testing.assert_allclose(hidden @ unit.weight + unit.bias, ranker.added_up(sums, n_atoms), rtol=1e-4, atol=1e-4)


def test_probabilities_are_added_up_the_long_way() -> None:
    assert Ranker(network(VARIETY[0]), None, score="-a").unit is not None, "it falls with one logit"
    assert Ranker(network(VARIETY[0]), None, score="a - b").unit is None
    assert not Ranker(network(VARIETY[0]), None, score="a - b").in_logits


def test_a_task_of_that_name_is_no_expression() -> None:
    model = Predictor(default_config("dmpnn", ("a", "b", "a - b"), "regression", d_h=16)).eval()
    by = ranked_by(model.columns, None, " a - b ")
    assert (by.places, by.is_column) == ((2,), True)
    assert ranked_by(model.columns, None, "b - a").places == (1, 0)


def test_two_ways_to_rank_are_refused() -> None:
    with pytest.raises(InputError, match="`task` and `score` both say"):
        ranked_by(network(VARIETY[0]).columns, "a", "b")

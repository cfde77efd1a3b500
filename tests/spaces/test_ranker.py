"""What products are ranked by."""

from __future__ import annotations

import numpy as np
import pytest
from heads import HEADS, head_of
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.errors import InputError, UnsupportedError
from molq.nn.config import default_config
from molq.nn.ensemble import Ensemble
from molq.nn.predictor import Predictor
from molq.spaces.ranker import Ranker, chosen_column

GRAPHS = featurize(["CCO", "c1ccccc1N", "CC(=O)NC"]).graphs


@pytest.mark.parametrize("outputs", HEADS, ids=str)
def test_heights_rise_with_scores(outputs) -> None:
    model = head_of(outputs)
    task = "logS_0" if outputs.n_classes else "logS"
    names = [column.name for column in model.columns if column.is_prediction]
    ranker = Ranker(model, task if task in names else names[0])
    place = model.columns.index(ranker.column)
    found = ranker.executed(GRAPHS)
    assert (np.argsort(found.heights) == np.argsort(found.scores[:, place])).all()
    turned = Ranker(model, ranker.column.name, lowest=True).executed(GRAPHS)
    assert (turned.heights == -found.heights).all()


def test_a_column_has_to_be_chosen_of_several() -> None:
    with pytest.raises(InputError, match="`task` must say what products are ranked by: the model predicts a, b"):
        chosen_column(network(VARIETY[0]), None)
    with pytest.raises(InputError, match="no task 'x'"):
        chosen_column(network(VARIETY[0]), "x")
    assert chosen_column(network(VARIETY[0]), "b").name == "b"
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

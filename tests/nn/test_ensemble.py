from __future__ import annotations

import pytest
from msgspec.structs import replace
from variety import VARIETY, network

from molq.chem.recipe import Recipe
from molq.errors import InputError
from molq.nn.ensemble import Ensemble, from_members
from molq.nn.predictor import Predictor


def test_an_ensemble_is_what_its_members_are() -> None:
    members = [network(VARIETY[i], "int8") for i in (0, 3, 5)]
    ensemble = Ensemble(members)
    assert ensemble.members == tuple(members)
    assert (ensemble.tasks, ensemble.kind, ensemble.feature_set) == (("a", "b"), "classification", "V2")
    assert ensemble.scheme == "int8"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("tasks", network(replace(VARIETY[0], tasks=("a", "c")))),
        ("kind", network(replace(VARIETY[0], kind="regression"))),
        ("feature_set", network(replace(VARIETY[0], feature_set="V1"))),
        ("recipe", network(replace(VARIETY[0], recipe=Recipe(ignore_stereo=True)))),
        ("scheme", network(VARIETY[0], "int8")),
    ],
)
def test_members_that_differ_are_refused(name: str, other: Predictor) -> None:
    first = network(VARIETY[0])
    with pytest.raises(InputError, match=f"member 2 of the ensemble differs in {name}: .* where the first has"):
        Ensemble([first, first, other])


def test_an_ensemble_of_none_is_refused_and_of_one_is_none() -> None:
    with pytest.raises(InputError, match="at least one"):
        Ensemble([])
    only = network(VARIETY[0])
    assert from_members([only]) is only
    assert isinstance(from_members([only, only]), Ensemble)

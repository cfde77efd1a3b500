from __future__ import annotations

import pytest

from molq.columns import columns_of
from molq.errors import InputError
from molq.screening.workers.job import ModelSource
from molq.screening.workers.scorer import load_scorer
from molq.server.pool.evidence import Evidence
from molq.server.run import named_sources


class Odd:
    """It has scores and nothing to say about them."""

    columns = columns_of(("p",))


@pytest.fixture(scope="module")
def evidence():
    (source,) = named_sources(["bace-dmpnn"])
    found = Evidence({"a": load_scorer(source, False), "odd": Odd()})
    found.learn(ModelSource("a", source.content))
    return found


def test_contributions_add_up(evidence):
    one, two, three = evidence.contributions("a", None, ["CCO", "C(", "CCN"], iter((0, 1)))
    assert one.baseline + sum(one.atoms) == pytest.approx(one.output)
    assert two is None
    assert three is None
    assert set(evidence.all_contributions("a", ["CCO"], lambda: iter((0,)))[0]) == {"Class"}
    with pytest.raises(InputError):
        evidence.contributions("a", "nothing", ["CCO"], iter((0,)))


def test_belief_is_told_of_the_rows_that_are_asked(evidence):
    first, second = evidence.beliefs("a", ["CCO", "CCN"], iter((1,)))
    assert first.similarity is None
    assert 0 <= second.similarity <= 1
    assert evidence.believes("a")


def test_of_some_models_nothing_is_known(evidence):
    assert not evidence.believes("odd")
    assert evidence.beliefs("odd", ["C"], iter((0,)))[0].verdict is None
    assert evidence.all_contributions("odd", ["C"], lambda: iter((0,))) == [{}]

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.errors import InputError
from molq.results.plain import plain
from molq.serial import from_builtins
from molq.store.card import Card, library_versions

numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
trees = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
sections = st.none() | st.dictionaries(st.text(), trees, max_size=4)


@given(st.text(), sections, sections, sections)
def test_json_round_trip(name, training, metrics, provenance):
    card = Card(name, training=training, metrics=metrics, provenance=provenance)
    assert from_builtins(json.loads(json.dumps(plain(card))), Card, "here") == card


def test_numbers_that_are_not_finite_become_none():
    card = Card("m", metrics={"auc": math.nan, "all": [1.0, -math.inf], "n": 3})
    assert plain(card)["metrics"] == {"auc": None, "all": [1.0, None], "n": 3}


def test_tuples_become_lists():
    assert plain(Card("m", training={"tasks": ("a", "b")}))["training"] == {"tasks": ["a", "b"]}


@pytest.mark.parametrize("value", [{1: "x"}, {"x": {1, 2}}, {"x": b"y"}, {"x": [object()]}])
def test_what_json_has_no_word_for_is_refused(value):
    with pytest.raises(TypeError):
        plain(Card("m", training=value))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "m", "author": "x"}, "unknown field `author`"),
        ({"description": "x"}, "missing required field `name`"),
        ({"name": 3}, r"`str`, got `int` - at `\$.name`"),
        ({"name": "m", "metrics": [1]}, r"at `\$.metrics`"),
        ({"name": "m", "created_with": {"torch": 2}}, r"at `\$.created_with"),
    ],
)
def test_wrong_cards_are_refused(values, words):
    with pytest.raises(InputError, match=words):
        from_builtins(values, Card, "here")


def test_versions_name_what_decides_the_numbers():
    assert {"molq", "python", "torch", "rdkit", "numpy"} <= set(library_versions())

from __future__ import annotations

import pickle

import pytest

from molq.results.shown import Result, as_html, as_text


class Plain(Result, frozen=True):
    value: int


class Drawn(Result, frozen=True):
    value: int


@as_text.register
def _text(value: Drawn) -> str:
    return f"drawn {value.value}"


@as_html.register
def _html(value: Drawn) -> str:
    return f"<b>{value.value}</b>"


def test_a_value_shows_its_fields_until_a_drawing_is_registered():
    assert repr(Plain(1)) == "Plain(value=1)"
    assert Plain(1)._repr_html_() is None


def test_a_registered_drawing_is_shown():
    assert repr(Drawn(2)) == "drawn 2"
    assert Drawn(2)._repr_html_() == "<b>2</b>"


def test_results_are_frozen_compare_by_value_and_pickle():
    with pytest.raises(AttributeError):
        Plain(1).value = 2
    assert pickle.loads(pickle.dumps(Plain(1))) == Plain(1) != Plain(2)

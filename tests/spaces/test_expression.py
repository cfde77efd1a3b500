"""What people type to rank products by scores of several tasks."""

from __future__ import annotations

import pytest

from molq.errors import InputError, UnsupportedError
from molq.spaces.expression import ScoreSum, weights, written

NAMES = ("bace", "hERG", "NR-AR", "a`b", "top")


@pytest.mark.parametrize(
    ("text", "of", "constant"),
    [
        ("bace", {"bace": 1}, 0),
        ("bace - 0.5*hERG", {"bace": 1, "hERG": -0.5}, 0),
        ("bace*2/4 + 1e1", {"bace": 0.5}, 10),
        ("-(bace - 2*(hERG + 1)) * .5", {"bace": -0.5, "hERG": 1}, 1),
        ("+bace + - -hERG", {"bace": 1, "hERG": 1}, 0),
        ("3 − 2*3*bace", {"bace": -6}, 3),
        ("`NR-AR` - \"NR-AR\"*3 + 'NR-AR'", {"NR-AR": -1}, 0),
        ('"a`b" + bace - bace', {"a`b": 1}, 0),
    ],
)
def test_sums_of_scores(text: str, of: dict[str, float], constant: float) -> None:
    assert weights(text, NAMES) == ScoreSum(of, constant)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it ends too soon"),
        ("bace -", "it ends too soon"),
        ("2 bace", "'bace' is not understood"),
        ("bace > 1", "'> 1' is not understood"),
        ("(bace", "a parenthesis is not closed"),
        ("bace)", r"'\)' is not understood"),
        ("`bace", "'`bace' is not understood"),
        ("herg", "no score 'herg'; those it has are bace, hERG, `NR-AR`, \"a`b\", top"),
        ("3 + 4", "it names no score"),
        ("bace - bace", "its scores cancel each other"),
        ("bace/0", "it divides by zero"),
        ("1e200*1e200*bace", "its numbers are too large"),
        ("1e999*bace - 1e999*bace", "its numbers are too large"),
        ("(" * 10_000, "more than 50 parentheses"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, why: str) -> None:
    with pytest.raises(InputError, match=f"`score` .*{why}") as caught:
        weights(text, NAMES)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("bace*hERG", "a product of scores"),
        ("1/bace", "a quotient of scores"),
        ("bace**2", "a power"),
        ("bace^2", "a power"),
        ("log(bace)", r"log\(…\)"),
    ],
)
def test_what_is_no_sum_is_refused_by_name(text: str, what: str) -> None:
    with pytest.raises(UnsupportedError, match=f"{what} is no sum of scores"):
        weights(text, NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_it_is_written(name: str) -> None:
    assert weights(written(name), NAMES) == ScoreSum({name: 1.0})

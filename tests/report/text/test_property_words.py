from __future__ import annotations

import pytest

from molq.calibset.statistics import PROPERTY_LABELS
from molq.report.text.property_words import _WORDS, property_words


def test_every_property_has_words():
    assert set(_WORDS) == set(PROPERTY_LABELS.values())


@pytest.mark.parametrize(
    ("label", "finding", "words"),
    [
        (
            "heavy atoms",
            "mean 17 in the set, 23 in the library",
            "the set’s molecules are too small: heavy atoms 17 on average, 23 in the library",
        ),
        (
            "logP",
            "mean 1.5 in the set, -2 in my set",
            "the set’s molecules are too lipophilic: logP 1.5 on average, -2 in my set",
        ),
        (
            "rings",
            "mean 3 in the set, 3.01 in toy",
            "the set’s molecules vary otherwise than the library’s: rings 3 on average, 3.01 in toy",
        ),
        ("rings", "something else", "rings: something else"),
        ("another", "mean 1 in the set, 2 in toy", "another: mean 1 in the set, 2 in toy"),
    ],
)
def test_the_side_is_told_by_the_means(label, finding, words):
    assert property_words(label, finding) == words

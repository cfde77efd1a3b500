"""What a screen of a space says of itself."""

from __future__ import annotations

import json

from molq.results.space import Exactness
from molq.serial import from_json, to_json


def test_it_is_exact_while_what_could_hide_a_product_was_not_seen() -> None:
    seen = Exactness(True, 0.1, 0.02, 1.5, 100, 0)
    assert seen.is_exact
    assert not Exactness(True, 0.02, 0.02, 1.5, 100, 0).is_exact
    assert not Exactness(True, 0.1, 0.02, 1.5, 100, 1).is_exact, "one looks otherwise, and others may"
    assert Exactness(True, None, 0.5, 1.5, 100, 0).is_exact, "the engine scored all"
    assert not Exactness(True, 0.1, None, 1.5, 100, 0).is_exact, "a score was no number"
    assert Exactness(True, None, None, 1.5, 100, 0).is_exact


def test_a_score_that_was_no_number_is_null_and_read_back() -> None:
    found = Exactness(True, 0.1, None, 1.5, 100, 0)
    assert json.loads(to_json(found))["largest"] is None
    assert from_json(to_json(found), Exactness, "here") == found

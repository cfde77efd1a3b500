"""What a screen of a space says of itself."""

from __future__ import annotations

from molq.results.space import Exactness


def test_it_is_exact_while_what_could_hide_a_product_was_not_seen() -> None:
    seen = Exactness(True, 0.1, 0.02, 1.5, 100, 0)
    assert seen.is_exact
    assert not Exactness(True, 0.02, 0.02, 1.5, 100, 0).is_exact
    assert not Exactness(True, 0.1, 0.02, 1.5, 100, 1).is_exact, "one looks otherwise, and others may"
    assert Exactness(True, None, 0.5, 1.5, 100, 0).is_exact, "the engine scored all"

from __future__ import annotations

import itertools

from molq.workflows.applicability.verdict import verdict_of

ORDER = ("outside", "edge", "inside")
SHARES = [i / 20 for i in range(21)]


def test_a_copy_of_a_training_molecule_is_inside_and_a_stranger_outside() -> None:
    assert verdict_of(1.0, 0.0) == "inside"
    assert verdict_of(0.05, 1.0) == "outside"


def test_nearer_and_better_known_is_never_worse() -> None:
    for similarity, unseen in itertools.product(SHARES, SHARES):
        here = ORDER.index(verdict_of(similarity, unseen))
        assert here <= ORDER.index(verdict_of(min(similarity + 0.05, 1), unseen))
        assert here >= ORDER.index(verdict_of(similarity, min(unseen + 0.05, 1)))
    assert {verdict_of(a, b) for a, b in itertools.product(SHARES, SHARES)} == set(ORDER)

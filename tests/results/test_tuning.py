from __future__ import annotations

import pytest

from molq.errors import InputError
from molq.results.plain import plain
from molq.results.tuning import MemberTuning, Tuning
from molq.serial import from_builtins

NEARER, SAME = MemberTuning(3, 0.4, 0.1, 0.8, 0.81), MemberTuning(0, 0.2, 0.2, None, None)


def tuning(*members: MemberTuning) -> Tuning:
    return Tuning("table", 96, 32, 5, 1e-4, 0, members)


def test_errors_are_means_over_members() -> None:
    assert tuning(NEARER, SAME).error_before == pytest.approx(0.3)
    assert tuning(NEARER, SAME).error_after == pytest.approx(0.15)
    assert not tuning(NEARER, SAME).kept_as_it_was
    assert tuning(SAME).kept_as_it_was


def test_a_card_gives_it_back() -> None:
    stated = plain(tuning(NEARER, SAME))
    assert from_builtins(stated, Tuning, "card") == tuning(NEARER, SAME)
    with pytest.raises(InputError, match="epochs"):
        from_builtins(stated | {"epochs": "many"}, Tuning, "card")

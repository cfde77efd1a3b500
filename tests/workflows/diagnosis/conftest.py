from __future__ import annotations

import pytest

from molq.workflows.diagnosis import steps

LEAST_DRAWS = 140
"""of which the worst is rare enough for the verdict that a set is not representative"""


@pytest.fixture(autouse=True)
def least_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_N_DRAWS", LEAST_DRAWS)

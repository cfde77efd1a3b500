from __future__ import annotations

import time

import pytest

from molq.screening.stopwatch import Stopwatch


def test_it_counts_the_time_of_the_processor_and_not_of_the_clock():
    watch = Stopwatch()
    with watch("wait"):
        time.sleep(0.2)
    with watch("work"):
        started = time.process_time()
        while time.process_time() - started < 0.05:
            pass
    assert watch.seconds["wait"] < 0.05 <= watch.seconds["work"]


def test_stages_add_up_also_when_they_raise():
    watch = Stopwatch()
    with pytest.raises(ValueError, match="no"), watch("read"):
        raise ValueError("no")
    before = watch.seconds["read"]
    watch.add({"read": 1.0, "wait": 2.0})
    assert watch.seconds["read"] == before + 1.0
    assert watch.seconds["wait"] == 2.0

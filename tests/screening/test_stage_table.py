from __future__ import annotations

import pytest

from molq.results.screening import ScreenSummary
from molq.screening.stage_table import stage_table


def summary(workers: int = 2, **seconds: float) -> ScreenSummary:
    """Of 1,000 rows, 900 of them of this session, in 10 s after start-up."""
    return ScreenSummary(1000, 990, 10, 12.0, 2.0, 90.0, 100, workers, 0, ("a",), ("out.csv",), {}, seconds)


def test_seconds_and_shares_of_every_stage():
    lines = stage_table(summary(read=0.9, parse=1.8, pack=5.4, score=9.0, write=0.9))
    assert [line.split() for line in lines[:-1]] == [
        ["stage", "seconds", "µs/row", "share"],
        ["read", "0.90", "1000.0", "5%"],
        ["parse", "1.80", "2000.0", "10%"],
        ["pack", "5.40", "6000.0", "30%"],
        ["score", "9.00", "10000.0", "50%"],
        ["write", "0.90", "1000.0", "5%"],
    ]
    assert all(len(line) <= 80 for line in lines[:-1])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ({"score": 16.0, "pack": 2.0}, "the limit is score: workers are busy 90% of the time, and more cores"),
        ({"pack": 8.0, "score": 2.0}, "the limit is pack, and other processes: workers never wait, but run only 50%"),
        ({"read": 9.0, "score": 8.0, "wait": 10.0}, "the limit is read: workers wait for chunks 50% of the time"),
        ({"write": 9.0, "score": 8.0, "wait": 10.0}, "the limit is write: workers wait for chunks 50% of the time"),
    ],
)
def test_the_verdict_names_the_stage_that_holds_the_run_up(seconds, said):
    assert stage_table(summary(**seconds))[-1].startswith(said)


def test_a_run_in_this_process_has_a_table_too():
    assert "score" in stage_table(summary(workers=0, score=9.0))[-1]

from __future__ import annotations

import msgspec
import pytest

from molq.report.text.screen import screen_text, stages_text
from molq.results.screening import ScreenSummary

SUMMARY = ScreenSummary(
    rows=1_000,
    scored=990,
    rejected=10,
    seconds=3.0,
    startup_seconds=1.0,
    mols_per_s=500.4,
    resumed_rows=0,
    workers=2,
    replaced_workers=0,
    tasks=("a",),
    outputs=("out.csv",),
    reasons={f"reason {i}": 9 - i for i in range(7)},
    audited=2_000,
    stage_seconds={"read": 0.1, "parse": 2.8, "pack": 0.2, "score": 0.6, "write": 0.1, "wait": 0.1},
)


def test_rows_reasons_rate_and_outputs():
    lines = screen_text(SUMMARY).splitlines()
    assert lines[0] == "1,000 rows = 990 scored + 10 rejected"
    assert lines[1] == "  9 rejected: reason 0"
    assert lines[6] == "  and 2 more reasons"
    assert lines[7:] == [
        "500 mol/s with 2 workers; 3.0 s, of which 1.0 s start-up",
        "audit: RDKit read 2,000 molecules too, 0 of them otherwise (below 1,497 in a million at 95%)",
        "wrote out.csv",
    ]


def test_nothing_is_said_of_an_audit_that_there_was_not():
    assert "audit" not in screen_text(msgspec.structs.replace(SUMMARY, audited=0))


def test_what_was_resumed_and_replaced_is_said_when_it_happened():
    text = screen_text(msgspec.structs.replace(SUMMARY, resumed_rows=400, replaced_workers=1, workers=1))
    assert "990 scored" in text
    assert "400 rows were done before\n1 workers were lost and replaced\n" in text
    assert "with 1 worker;" in text


def test_the_share_of_molecule_features_is_told_where_a_model_takes_them():
    described = msgspec.structs.replace(SUMMARY, stage_seconds={**SUMMARY.stage_seconds, "features": 11.4})
    assert "molecule features of the model: 75% of the work" in screen_text(described).splitlines()
    assert "features" not in screen_text(SUMMARY) + stages_text(SUMMARY)
    lines = [line.split() for line in stages_text(described).splitlines()]
    assert [line[0] for line in lines[1:7]] == ["read", "parse", "pack", "features", "score", "write"]
    assert lines[4] == ["features", "11.40", "11400.0", "75%"]
    assert lines[-1][:4] == ["the", "limit", "is", "features:"]


def test_stages_add_up():
    lines = [line.split() for line in stages_text(SUMMARY).splitlines()]
    assert lines[2] == ["parse", "2.80", "2800.0", "74%"]
    assert [line[0] for line in lines[1:6]] == ["read", "parse", "pack", "score", "write"]


@pytest.mark.parametrize(
    ("stages", "limit"),
    [
        ({"parse": 2.8, "score": 0.9}, "the limit is parse: workers are busy 92% of the time, and more cores"),
        ({"score": 1.5}, "the limit is score, and other processes: workers never wait, but run only 38%"),
        ({"read": 1.0, "parse": 1.0, "wait": 2.0}, "the limit is read: workers wait for chunks 50% of the time"),
    ],
)
def test_the_limit_is_named(stages, limit):
    assert stages_text(msgspec.structs.replace(SUMMARY, stage_seconds=stages)).splitlines()[-1].startswith(limit)

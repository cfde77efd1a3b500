from __future__ import annotations

import pytest

from molq.report.text.plan import plan_text
from molq.results.screening import PlannedModel, ScreenPlan

PLAN = ScreenPlan(
    library=("lib.parquet",),
    rows=1_000_000_000,
    rows_are_counted=True,
    measured_rows=20_000,
    cores=640,
    shards=640,
    output_bytes=61_000_000_000,
    models=(
        PlannedModel("m-fp32.molq", 1_290_000, 8000.0, 36.1, 0.0564),
        PlannedModel("m-int8.molq", 330_000, 12_000.0, 24.6, 0.0384),
    ),
    notes=("lib.csv.gz is read from its beginning for every shard",),
)


def test_the_answer_comes_first_then_a_line_for_each_model():
    text = plan_text(PLAN)
    words = " ".join(text.split())
    assert words.startswith("1,000,000,000 rows take 3 min on 640 cores with m-fp32.molq: 36.1 core hours")
    assert "61 GB are written" in words
    assert "m-int8.molq 330 kB 12,000 24.6 2 min" in words
    assert "note: lib.csv.gz is read" in text
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize(
    ("hours", "said"), [(0.001, "4 s"), (0.5, "30 min"), (1.99, "119 min"), (2.5, "2.5 h"), (72, "3.0 days")]
)
def test_times_are_said_in_units_that_fit(hours, said):
    model = PlannedModel("m", 1, 1.0, hours, hours)
    few = ScreenPlan(("x",), 123_456, False, 0, 1, 1, None, (model,))
    text = " ".join(plan_text(few).split())
    assert text.startswith(f"about 120,000 rows take {said} on")
    assert "in 1 shard of" in text
    assert "nothing was measured" in text

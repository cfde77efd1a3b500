"""A job for the tests."""

from __future__ import annotations

from molq.server.jobs.job import JobOptions, ScreenJob

JOB = ScreenJob(
    id="a1",
    filename="a.csv",
    models=("m",),
    digests=("d",),
    options=JobOptions(top=3),
    score_columns=("p",),
    state="running",
    created=1.0,
    rows_done=10,
    rows_total=110,
    rows_per_s=20.0,
)

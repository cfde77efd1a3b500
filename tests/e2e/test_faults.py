"""What a bad machine, a hostile file or an impatient user does: a part of every trial of bench/faults.py."""

from __future__ import annotations

import importlib
import random
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))
GROUPS = [path.stem for path in sorted((BENCH / "trials").glob("*.py")) if path.stem not in ("__init__", "trial")]
SLOW = {
    "names of tasks in every output",
    "a run whose directory is removed and that a second one replaces",
    "a library that changes, or an output that appears, during a run",
    "workers and their server killed at any moment",
}
"""each of a group whose other trials run with the quick tests"""
TRIALS = [
    pytest.param(trial, id=f"{group}: {trial.name}", marks=[pytest.mark.slow] if trial.name in SLOW else [])
    for group in GROUPS
    for trial in importlib.import_module(f"trials.{group}").TRIALS
    if trial.quick
]


@pytest.mark.parametrize("trial", TRIALS)
def test_molq_holds(trial, tmp_path):
    found = list(trial.attempt(tmp_path, random.Random(0), trial.quick))
    assert len(found) >= trial.quick
    assert [fault for fault in found if fault is not None] == []

"""Checkpoints as people have them give their own program's predictions, or are refused for a fair reason."""

import importlib.util
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "bench" / "checkpoints.py"
spec = importlib.util.spec_from_file_location("checkpoints", SOURCE)
checkpoints = importlib.util.module_from_spec(spec)
spec.loader.exec_module(checkpoints)

IS_THERE = checkpoints.CHECKPOINTS.is_dir()
RUNS = list(checkpoints.all_runs(checkpoints.CHECKPOINTS)) if IS_THERE else []


@pytest.fixture(scope="module")
def smiles():
    return checkpoints.screened(checkpoints.CHECKPOINTS)


@pytest.mark.skipif(not IS_THERE, reason="the checkpoints lie beside the project, in ../shared/checkpoints")
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_a_checkpoint_is_equal_to_its_program_or_refused_fairly(run, smiles):
    outcome = checkpoints.outcome(run, smiles)
    assert outcome.agrees, outcome

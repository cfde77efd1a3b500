"""A folder with a small table, a library and models of the table, and the directory that examples run in."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import small_model, write_library, write_table

import molq
from molq.limits import BOUNDS, Bounds
from molq.workflows.diagnosis import steps


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with table.csv and library.smi."""
    folder = tmp_path_factory.mktemp("face")
    write_table(folder)
    write_library(folder)
    return folder


@pytest.fixture(scope="session")
def classifier(folder: Path) -> molq.Model:
    """Of the table's column ``active``."""
    return molq.load(small_model(folder).path)


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many random draws a call may ask for whose verdict is not looked at; a diagnosis asks for as many."""
    monkeypatch.setattr(steps, "_N_DRAWS", 20)
    monkeypatch.setitem(BOUNDS, "draws", Bounds(10, 100_000))
    return 20


@pytest.fixture(scope="session")
def bace() -> molq.Model:
    return molq.load("bace-dmpnn")


@pytest.fixture(scope="session")
def clintox() -> molq.Model:
    """Of two tasks."""
    return molq.load("clintox-dmpnn")

from __future__ import annotations

from pathlib import Path

import pytest
from faults import given
from small import small_model, write_library, write_table

from molq.store.molqfile import Loaded
from molq.workflows.compare.probe import read_probe


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """A folder with table.csv and library.smi."""
    folder = tmp_path_factory.mktemp("small")
    write_table(folder)
    write_library(folder)
    return folder


@pytest.fixture(scope="session")
def model(folder) -> Loaded:
    """A classifier of the table."""
    return small_model(folder)


@pytest.fixture(scope="session")
def calibration_of_table(folder, model):
    """Thirty molecules the model was trained on."""
    return given(read_probe(str(folder / "table.csv"), model).pool[:30])

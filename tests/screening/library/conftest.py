from __future__ import annotations

from pathlib import Path

import pytest

from molq.screening.library.build import build_library


@pytest.fixture
def prepared(library, tmp_path) -> Path:
    path = tmp_path / "library.molqlib"
    summary = build_library(library, path, workers=1, columns=["price"], shard_rows=700)
    assert (summary.rows, summary.rejected) == (1500, 15)
    return path

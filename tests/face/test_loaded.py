from __future__ import annotations

from pathlib import Path

import molq
from molq.face.loaded import loaded_of


def test_a_model_is_named_in_three_ways(bace: molq.Model, tmp_path: Path) -> None:
    path = bace.save(tmp_path / "m.molq")
    for named in (bace, "bace-dmpnn", path, str(path)):
        assert loaded_of(named).content_hash == bace.content_hash
    assert loaded_of(path).path == path
    assert loaded_of(bace).path == Path("bace-dmpnn")

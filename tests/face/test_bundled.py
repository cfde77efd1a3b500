from __future__ import annotations

from pathlib import Path

import pytest

from molq.errors import InputError
from molq.face.bundled import bundled_models, model_path, models_dir


def test_every_bundled_file_has_a_name() -> None:
    assert {"bace-dmpnn", "clintox-dmpnn", "esol-dmpnn"} <= set(bundled_models())
    assert all(model_path(name) == models_dir() / f"{name}.molq" for name in bundled_models())


def test_a_name_is_found_from_any_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert model_path("bace-dmpnn").is_file()


def test_a_file_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bace-dmpnn").write_bytes(b"mine")
    assert model_path("bace-dmpnn").read_bytes() == b"mine"


def test_what_is_neither_is_told_what_there_is() -> None:
    with pytest.raises(InputError, match=r"bace: no such file.*bace-dmpnn"):
        model_path("bace")
    with pytest.raises(InputError, match=r"the bundled ones are bace-dmpnn, clintox-dmpnn, esol-dmpnn"):
        model_path("missing/thing.xyz")

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from molq.data import registry
from molq.data.registry import DatasetInfo

SIBLING = Path(__file__).resolve().parents[3] / "shared" / "datasets"


@pytest.fixture
def public_datasets(monkeypatch) -> Path:
    """The folder of public datasets that do not ship with molq; skips where there is none."""
    folder = Path(os.environ.get("MOLQ_DATA_DIR") or SIBLING)
    if not folder.is_dir():
        pytest.skip("public datasets are not on this machine: set MOLQ_DATA_DIR")
    monkeypatch.setenv("MOLQ_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def bare_machine(monkeypatch, tmp_path) -> Path:
    """A machine without datasets: no MOLQ_DATA_DIR, an empty cache; returns the cache folder of datasets."""
    monkeypatch.delenv("MOLQ_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "molq" / "datasets"


@pytest.fixture
def register(monkeypatch, tmp_path):
    """Puts one dataset into a registry of its own and returns its entry."""

    def entry_of(content: bytes, name: str = "toy", **changes: object) -> DatasetInfo:

        folder = tmp_path / "registry"
        folder.mkdir(exist_ok=True)
        entry: dict[str, object] = {
            "description": "Three molecules",
            "kind": "classification",
            "tasks": ["active"],
            "smiles_column": "smiles",
            "filename": f"{name}.csv",
            "url": "http://127.0.0.1:9/toy.csv",
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": 3,
            "licence": "none",
            "citation": "none",
            "origin": "a test",
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in (entry | changes).items()]
        (folder / f"{name}.toml").write_text("\n".join(lines))
        monkeypatch.setattr("molq.data.registry.datasets_dir", lambda: folder)
        monkeypatch.setattr("molq.data.locate.datasets_dir", lambda: folder)
        registry._read.cache_clear()
        return registry.dataset_info(name)

    yield entry_of
    registry._read.cache_clear()

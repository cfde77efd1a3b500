from __future__ import annotations

import gzip
import re
import shutil

import pytest

from molq.data import registry
from molq.data.checksum import content_sha256
from molq.data.registry import dataset_info, dataset_names, datasets_dir
from molq.errors import DatasetError, InputError

PROMISED = {
    *("bace", "bbbp", "clintox", "tox21", "sider", "hiv", "muv", "lipophilicity", "esol", "freesolv"),
    *("litpcba-mapk1", "zinc250k", "zinc-sample", "moses", "moses-test", "moses-test-scaffolds"),
}
EMBEDDED = {"bace", "clintox", "esol", "freesolv", "zinc-sample"}


def test_the_promised_datasets_are_registered():
    assert set(dataset_names()) == PROMISED
    assert {name for name in PROMISED if dataset_info(name).embedded} == EMBEDDED


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_entry_is_complete(name):
    info = dataset_info(name)
    assert info.name == name
    assert bool(info.tasks) == (info.kind != "library")
    assert re.fullmatch(r"[0-9a-f]{64}", info.sha256)
    assert all(url.startswith("https://") for url in (info.url, *info.mirrors))
    assert all((info.description, info.licence, info.citation, info.origin))
    assert info.rows > 0


@pytest.mark.parametrize("name", sorted(EMBEDDED))
def test_embedded_files_are_what_their_entries_say(name):
    info = dataset_info(name)
    path = datasets_dir() / f"{info.filename}.gz"
    assert content_sha256(path) == info.sha256
    lines = gzip.decompress(path.read_bytes()).splitlines()
    assert len(lines) == info.rows + (info.smiles_column is not None)
    if info.smiles_column:
        assert {info.smiles_column, *info.tasks} <= set(lines[0].decode().split(","))


def test_no_dataset_file_is_without_an_entry():
    files = {path.name.removesuffix(".gz") for path in datasets_dir().glob("*.gz")}
    assert files == {dataset_info(name).filename for name in EMBEDDED}


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(InputError, match=r"no dataset named 'tox-21': did you mean tox21"):
        dataset_info("tox-21")


def test_an_installed_package_carries_its_registry_inside(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "molq"
    shutil.copytree(datasets_dir(), package / "_datasets")
    monkeypatch.setattr(registry, "__file__", str(package / "data" / "registry.py"))
    assert registry.datasets_dir.__wrapped__() == package / "_datasets"


def test_a_package_without_registry_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "molq" / "data" / "registry.py"))
    with pytest.raises(DatasetError, match="install molq again"):
        registry.datasets_dir.__wrapped__()


@pytest.mark.parametrize(
    "changes",
    [{"kind": "colour"}, {"surprise": 1}, {"rows": "3"}, {"sha256": None}],
    ids=["kind", "unknown-key", "type", "bad-toml"],
)
def test_a_damaged_entry_is_refused(register, changes):
    with pytest.raises(DatasetError, match="install molq again"):
        register(b"", **changes)

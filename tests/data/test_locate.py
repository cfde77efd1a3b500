from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import pytest

from molq.data.locate import cache_dir, is_registered, library_path, locate
from molq.data.registry import dataset_info, dataset_names, datasets_dir
from molq.errors import DatasetError, InputError

CONTENT = b"smiles,active\nCCO,1\nCCN,0\nCCC,1\n"


def put(folder: Path, filename: str, content: bytes = CONTENT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / filename
    path.write_bytes(gzip.compress(content) if filename.endswith(".gz") else content)
    return path


def test_embedded_comes_before_every_other_place(bare_machine, tmp_path, monkeypatch):
    monkeypatch.setenv("MOLQ_DATA_DIR", str(tmp_path))
    put(tmp_path, "bace.csv", b"another file")
    assert locate("bace") == datasets_dir() / "bace.csv.gz"


@pytest.mark.parametrize("filename", ["toy.csv", "toy.csv.gz"])
def test_the_named_folder_comes_before_the_cache(bare_machine, register, tmp_path, monkeypatch, filename):
    register(CONTENT)
    in_cache = put(bare_machine, "toy.csv")
    assert locate("toy") == in_cache
    monkeypatch.setenv("MOLQ_DATA_DIR", str(tmp_path / "mine"))
    assert locate("toy") == in_cache
    in_folder = put(tmp_path / "mine", filename)
    assert locate("toy") == in_folder


@pytest.mark.parametrize("filename", ["toy.csv", "toy.csv.gz"])
def test_altered_content_is_refused(bare_machine, register, filename):
    info = register(CONTENT)
    put(bare_machine, filename, CONTENT.replace(b"CCO,1", b"CCO,0"))
    with pytest.raises(DatasetError, match=rf"{filename} is not the registered toy.*expected {info.sha256}.*Delete it"):
        locate("toy")


def test_without_download_the_remedy_is_named(bare_machine, register):
    register(CONTENT)
    with pytest.raises(DatasetError, match=r"molq data get toy.*MOLQ_DATA_DIR"):
        locate("toy", download=False)


def test_a_lost_embedded_file_is_not_downloaded(bare_machine, register):
    register(CONTENT, embedded=True)
    with pytest.raises(DatasetError, match=r"toy\.csv\.gz is missing.*install molq again"):
        locate("toy")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/molq/datasets"),
        ("linux", {"HOME": "/home/u"}, "/home/u/.cache/molq/datasets"),
        ("darwin", {"HOME": "/Users/u"}, "/Users/u/Library/Caches/molq/datasets"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/molq/datasets"),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(monkeypatch, platform, variables, expected):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert os.fspath(cache_dir()) == expected


@pytest.mark.parametrize("name", [n for n in dataset_names() if not dataset_info(n).embedded])
def test_public_copies_are_what_their_entries_say(public_datasets, name):
    info = dataset_info(name)
    path = locate(name, download=False)
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        header = file.readline().decode()
        assert sum(1 for _ in file) + (info.smiles_column is None) == info.rows
    if info.smiles_column:
        assert info.smiles_column in header
        assert all(task in header for task in info.tasks)


def test_a_library_for_the_reader_is_what_was_named_or_the_file_of_a_set(tmp_path, monkeypatch):
    assert library_path("bace") == str(datasets_dir() / "bace.csv.gz")
    for path in ("-", str(tmp_path), "shards/*.csv", "nowhere.csv", Path("data/x")):
        assert library_path(path) == str(path)
    with pytest.raises(InputError, match="bce is neither a file nor a registered data set; those are bace, "):
        library_path("bce")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bace").write_text("CCO\n")
    assert library_path("bace") == "bace"
    assert not is_registered("bace")


def test_a_user_without_a_home_has_what_is_embedded_and_is_told_where_the_rest_may_lie(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("MOLQ_DATA_DIR", "~nobody-of-that-name/data")
    monkeypatch.setattr(Path, "home", homeless)
    assert locate("esol").is_file()
    with pytest.raises(DatasetError, match="no home for data sets; set MOLQ_DATA_DIR"):
        locate("moses_train" if "moses_train" in dataset_names() else "tox21")

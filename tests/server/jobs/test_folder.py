from __future__ import annotations

import stat

import pytest

from molq.errors import OutputError
from molq.screening.workers.job import ModelSource
from molq.server.jobs.folder import JobFolder, default_folder


def test_names_of_clients_are_no_paths(tmp_path):
    folder = JobFolder(tmp_path / "a" / "b")
    for name, ending in (
        ("x.csv", "library.csv"),
        ("x.SDF.GZ", "library.sdf.gz"),
        ("../../x", "library"),
        ("x.php", "library"),
        ("x.csv/../../y", "library"),
        (".csv", "library"),
    ):
        assert folder.upload("a1", name).name == ending
        assert folder.upload("a1", name).parent == tmp_path / "a" / "b" / "jobs" / "a1"
    with pytest.raises(AssertionError):
        folder.of("../x")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    with pytest.raises(OutputError, match="another server keeps its jobs here"):
        JobFolder(tmp_path / "a" / "b")
    folder.close()
    JobFolder(tmp_path / "a" / "b").close()


def test_models_are_kept_as_long_as_they_are_needed(tmp_path):
    folder = JobFolder(tmp_path)
    one, two = ModelSource("a", b"one"), ModelSource("b", b"two")
    folder.keep_models([one, two])
    assert folder.model(one.sha256[:32]).read_bytes() == b"one"
    folder.drop_models([folder.model(two.sha256[:32])])
    assert [path.read_bytes() for path in (tmp_path / "models").iterdir()] == [b"two"]
    folder.of("x1").mkdir()
    (folder.of("x1") / "f").write_bytes(b"12345")
    assert folder.size_bytes("x1") == 5
    assert folder.strangers(["y"]) == ["x1"]
    folder.remove("x1")
    assert not folder.of("x1").exists()
    folder.close()


def test_the_default_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "molq" / "serve"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local" / "state" / "molq" / "serve"

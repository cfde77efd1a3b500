"""Compiled kernels: cached where that is possible, anew where a source has changed, and never a reason to fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from molq import compiled

KERNELS = """
from molq.compiled import compiler
jit = compiler(__file__)

@jit
def double(x):
    return {factor} * x
"""


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    compiled._cache_folder.cache_clear()
    compiled._say_once.cache_clear()


def sources(folder: Path, factor: int = 2) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "kernels.py").write_text(KERNELS.format(factor=factor))
    (folder / "plain.py").write_text("x = 1\n")
    return folder


def test_a_kernel_of_the_folder_that_changes_begins_a_new_cache(tmp_path: Path) -> None:
    folder = sources(tmp_path / "a")
    first = compiled._cache_folder(folder)
    assert first is not None
    assert first.parent == folder / "__pycache__"
    compiled._cache_folder.cache_clear()
    (folder / "plain.py").write_text("x = 2\n")
    assert compiled._cache_folder(folder) == first
    compiled._cache_folder.cache_clear()
    sources(folder, 3)
    second = compiled._cache_folder(folder)
    assert second is not None
    assert second != first
    assert not first.exists()


def test_a_folder_that_cannot_be_written_is_cached_for_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = sources(tmp_path / "a")
    (folder / "__pycache__").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    found = compiled._cache_folder(folder)
    assert found is not None
    assert found.parent == tmp_path / "user" / "molq" / "a"


def test_the_folder_that_the_user_names_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "named"))
    found = compiled._cache_folder(sources(tmp_path / "a"))
    assert found is not None
    assert found.parent == tmp_path / "named" / "molq" / "a"


def test_without_any_folder_kernels_work_and_what_it_costs_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked))
    with pytest.warns(RuntimeWarning, match="set NUMBA_CACHE_DIR") as said:
        jits = [compiled.compiler(str(sources(tmp_path / name) / "kernels.py")) for name in "ab"]
    assert len(said) == 1
    assert jits[0](lambda x: 2 * x)(21) == 42


def test_another_process_finds_what_was_compiled(tmp_path: Path) -> None:
    folder = sources(tmp_path / "a")
    code = "import kernels; kernels.double(1); print(sum(kernels.double.stats.cache_hits.values()))"
    environment = os.environ | {"PYTHONPATH": f"{folder}:{Path(compiled.__file__).parents[1]}"}
    hits = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [hit.strip() for hit in hits] == ["0", "1"]

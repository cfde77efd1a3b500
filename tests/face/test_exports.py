"""What ``import molq`` offers, and what it costs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import molq


def in_a_fresh_process(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def lister() -> ModuleType:
    spec = importlib.util.spec_from_file_location("public_api", Path(__file__).with_name("public_api.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_public_api_is_as_written_down() -> None:
    """A change here is a change for users: tests/face/public_api.py writes the file anew, the changelog says it."""
    public_api = lister()
    assert public_api.public_api() == public_api.FILE.read_text(encoding="utf-8")


def test_every_name_that_is_offered_is_there() -> None:
    assert sorted(molq.__all__) == sorted(set(molq.__all__))
    assert set(molq.__all__) <= set(dir(molq))
    for name in molq.__all__:
        assert getattr(molq, name) is getattr(molq, name)
        assert getattr(molq, name).__doc__
    with pytest.raises(AttributeError, match="module 'molq' has no attribute 'nothing'"):
        _ = molq.nothing  # type: ignore[attr-defined]


def test_importing_takes_no_time() -> None:
    timed = "import time; t = time.process_time(); import molq; print(time.process_time() - t)"
    assert min(float(in_a_fresh_process(timed)) for _ in range(3)) < 0.05


def test_importing_imports_no_library() -> None:
    loaded = "import sys; before = set(sys.modules); import molq; print(*sorted(set(sys.modules) - before))"
    assert [name for name in in_a_fresh_process(loaded).split() if name.startswith("molq")] == ["molq"]
    heavy = {"torch", "numpy", "rdkit", "sklearn", "pandas", "polars", "narwhals", "msgspec", "scipy", "numba"}
    assert not heavy & {name.partition(".")[0] for name in in_a_fresh_process(loaded).split()}


def test_no_library_of_data_frames_is_needed() -> None:
    absent = "import sys; sys.modules |= dict.fromkeys(['pandas', 'polars'], None); import molq; "
    assert in_a_fresh_process(absent + "print(molq.load('bace-dmpnn').predict(['CCO']).round(3))") == "[0.29]"


def test_no_exported_name_is_that_of_a_package() -> None:
    """Otherwise importing the package would hide the call."""
    hidden = (
        "import molq, pkgutil; print([m.name for m in pkgutil.iter_modules(molq.__path__) if m.name in molq.__all__])"
    )
    assert in_a_fresh_process(hidden) == "['datasets']"


def test_loading_and_predicting_import_no_more_than_they_need() -> None:
    code = "import sys, molq; molq.load('bace-dmpnn').predict(['C']); "
    unneeded = "{'sklearn', 'scipy.stats', 'pandas', 'polars', 'matplotlib', 'typer', 'rich'}"
    assert in_a_fresh_process(code + f"print({unneeded} & set(sys.modules))") == "set()"

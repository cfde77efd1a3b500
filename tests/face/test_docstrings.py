"""The example in every docstring of the public API runs as it is printed."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import molq

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
MODULES = ("molq", "molq.datasets", "molq.ray", "molq.sklearn")


def _examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(recurse=False)
    for name in MODULES:
        module = import_module(name)
        yield from finder.find(module, name, module=False)
    for name in sorted({*molq.__all__} - {"__version__", "datasets"}):
        yield from _of(getattr(molq, name), f"molq.{name}", finder)
    for name in import_module("molq.sklearn").__all__:
        yield from _of(getattr(import_module("molq.sklearn"), name), f"molq.sklearn.{name}", finder)


def _of(value: object, name: str, finder: doctest.DocTestFinder) -> Iterator[doctest.DocTest]:
    yield from finder.find(value, name, module=False)
    if inspect.isclass(value):
        for attribute, member in vars(value).items():
            if not attribute.startswith("_") and inspect.isroutine(member):
                yield from finder.find(member, f"{name}.{attribute}", module=False)


@pytest.mark.parametrize("example", [e for e in _examples() if e.examples], ids=lambda e: e.name)
def test_an_example_gives_what_it_prints(
    example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    failed = doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=said.append)
    assert not failed.failed, "".join(said)


def test_every_public_call_has_an_example() -> None:
    shown = {example.name for example in _examples() if example.examples}
    calls = {f"molq.{name}" for name in molq.__all__ if inspect.isfunction(getattr(molq, name))}
    classes = {"molq.Model", "molq.CalibrationSet", "molq.sklearn.GNNClassifier", "molq.sklearn.GNNRegressor"}
    without = {"molq.compare", "molq.serve"}  # the one is shown by Model, the other does not return
    assert (calls | classes) - without <= shown

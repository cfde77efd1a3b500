from __future__ import annotations

import inspect
import re

from molq import errors
from molq.errors import MolqError, MolqWarning

CLASSES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if cls.__module__ == errors.__name__ and not issubclass(cls, Warning)
]


def test_the_tree_drawn_is_the_tree_there_is() -> None:
    drawn = re.findall(r"[├└]── (\w+) ", errors.__doc__ or "")
    assert sorted(["MolqError", *drawn]) == sorted(cls.__name__ for cls in CLASSES)
    assert all(issubclass(cls, MolqError) for cls in CLASSES)
    below = re.findall(r"│   [├└]── (\w+) ", errors.__doc__ or "")
    assert {cls.__name__ for cls in CLASSES if cls.__bases__[0] not in (MolqError, Exception)} == set(below)


def test_who_catches_a_lack_of_memory_catches_ours() -> None:
    assert issubclass(errors.ShortageError, MemoryError)


def test_every_error_says_when_it_is_raised() -> None:
    assert all(cls.__doc__ for cls in CLASSES)


def test_a_warning_is_no_error() -> None:
    assert issubclass(MolqWarning, UserWarning)
    assert not issubclass(MolqWarning, MolqError)

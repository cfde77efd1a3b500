from __future__ import annotations

import inspect
import re

from molq import errors
from molq.errors import MolqError

CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]


def test_the_tree_drawn_is_the_tree_there_is() -> None:
    drawn = re.findall(r"[├└]── (\w+) ", errors.__doc__ or "")
    assert sorted(["MolqError", *drawn]) == sorted(cls.__name__ for cls in CLASSES)
    assert all(issubclass(cls, MolqError) for cls in CLASSES)
    assert [cls.__bases__ for cls in CLASSES if cls is not MolqError] == [(MolqError,)] * len(drawn)


def test_every_error_says_when_it_is_raised() -> None:
    assert all(cls.__doc__ for cls in CLASSES)

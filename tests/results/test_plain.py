from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from molq.results.plain import plain
from molq.results.speed import SpeedSection


@dataclass(frozen=True)
class Point:
    x: float
    tags: tuple[str, ...]


def test_fields_become_keys_and_what_json_lacks_none():
    values = {"a": Point(math.nan, ("b",)), "c": [np.float32(0.5), np.int64(3), -math.inf], "d": Path("e")}
    assert plain(values) == {"a": {"x": None, "tags": ["b"]}, "c": [0.5, 3, None], "d": "e"}
    assert plain(True) is True


def test_a_field_goes_by_its_name_in_json():
    assert plain(SpeedSection(10, 9, 1, "cpu", "packed graphs", "wall"))["from"] == "packed graphs"


def test_other_types_are_no_results():
    with pytest.raises(TypeError, match="set has no form"):
        plain({"a": {1}})

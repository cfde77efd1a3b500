from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.errors import InputError
from molq.serial import from_builtins, from_json, to_builtins, to_json, to_pretty_json


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    size: int
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Loose:
    inner: Strict
    note: str | None = None


VALUES = st.builds(
    Loose,
    st.builds(
        Strict,
        st.text(),
        st.integers(-(2**63), 2**63 - 1),
        st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3).map(tuple),
    ),
    st.none() | st.text(),
)


@given(VALUES)
def test_a_value_comes_back_from_json_as_it_was(value: Loose) -> None:
    for text in (to_json(value), to_json(value).decode(), to_pretty_json(value)):
        assert from_json(text, Loose, "here") == value
    assert from_builtins(to_builtins(value), Loose, "here") == value
    assert json.loads(to_json(value)) == json.loads(json.dumps(to_builtins(value)))


def test_numpy_and_paths_become_pythons_own() -> None:
    value: dict[str, Any] = {
        "i": np.int64(3),
        "f": np.float32(0.5),
        "b": np.bool_(True),
        "row": np.arange(3),
        "path": Path("a") / "b",
    }
    assert to_builtins(value) == {"i": 3, "f": 0.5, "b": True, "row": [0, 1, 2], "path": str(Path("a/b"))}
    assert json.loads(to_json(value)) == json.loads(json.dumps(to_builtins(value)))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_null(number: float) -> None:
    for value in (number, np.float32(number), [np.float64(number)], np.array([number])):
        assert "null" in to_json(value).decode()
        json.loads(to_json(value), parse_constant=pytest.fail)


def test_one_line_for_machines_and_several_for_people() -> None:
    value = Loose(Strict("µ\n", 1))
    assert b"\n" not in to_json(value)
    pretty = to_pretty_json(value)
    assert pretty.splitlines()[1].startswith('  "inner": {')
    assert "µ" in pretty


def test_what_has_no_json_form_is_named() -> None:
    for value in ({1j}, object(), {"x": object()}):
        with pytest.raises((NotImplementedError, TypeError), match=r"complex|object"):
            to_json(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"name": "a"}', "size"),
        ('{"name": "a", "size": "3"}', r"\$\.size"),
        ('{"name": "a", "size": 3.5}', r"\$\.size"),
        ('{"name": "a", "size": true}', r"\$\.size"),
        ('{"name": "a", "size": 3, "colour": 1}', "colour"),
        ('{"name": "a", "size": 3, "shares": [1, "x"]}', r"\$\.shares\[1\]"),
        ('["a", 3]', "object"),
        ('{"name": "a", "size": 3', "truncated"),
        (b'{"name": "\xff", "size": 3}', "here"),
        ("", "truncated"),
    ],
)
def test_the_place_and_the_field_of_a_fault_are_named(text: str | bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        from_json(text, Strict, "here")
    assert str(caught.value).startswith("here: ")


def test_a_fault_in_parsed_json_is_named_too() -> None:
    with pytest.raises(InputError, match=r"card: .*\$\.inner\.size"):
        from_builtins({"inner": {"name": "a", "size": None}}, Loose, "card")
    assert from_builtins({"inner": {"name": "a", "size": 1}, "unknown": 2}, Loose, "card") == Loose(Strict("a", 1))

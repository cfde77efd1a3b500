"""Nothing that a file says can move a cursor, hide another line or pose as one of molq's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.results.shown import Result, as_text
from molq.visible import lines, one_line, readable

FORGED = "a\n(verified)\r\x1b[2K\u202e\x9b\u2028\udc80"
SEEN = r"a\n(verified)\r\x1b[2K\u202e\x9b\u2028\udc80"


class Pair(NamedTuple):
    name: str
    number: int


@dataclass(frozen=True)
class Held:
    names: tuple[str, ...]
    path: Path


class Whole(msgspec.Struct, frozen=True):
    held: Held
    pairs: list[Pair]
    more: dict[str, object]


class Drawn(Result, frozen=True):
    name: str


@as_text.register
def _drawn(value: Drawn) -> str:
    return f"name: {value.name}"


def test_controls_directions_and_line_ends_are_escapes():
    assert one_line(FORGED) == SEEN
    assert lines("a\rb\nc\x07") == "a\\rb\nc\\x07"


@pytest.mark.parametrize("text", ["", "α-glucosidase (nM)", "25\xa0°C", "名前", "a  b"])
def test_words_stay_as_they_are(text):
    assert one_line(text) is text or one_line(text) == text


@given(st.text())
def test_every_text_becomes_one_printable_line(text):
    seen = one_line(text)
    assert len(seen.splitlines()) <= 1
    seen.encode()
    assert all(c.isprintable() or c.isspace() for c in seen)


def test_texts_are_found_however_deep():
    found = readable(Whole(Held((FORGED, "b"), Path(FORGED)), [Pair(FORGED, 3)], {FORGED: [FORGED, {"x": FORGED}]}))
    assert found == Whole(Held((SEEN, "b"), Path(SEEN)), [Pair(SEEN, 3)], {SEEN: [SEEN, {"x": SEEN}]})
    plain = Whole(Held(("a",), Path("b")), [Pair("c", 3)], {"d": ["e", None, 1.5]})
    assert readable(plain) is plain


def test_a_result_draws_itself_so():
    assert repr(Drawn(FORGED)) == f"name: {SEEN}"

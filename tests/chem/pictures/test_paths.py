from __future__ import annotations

import re

import numpy as np
import pytest

from molq.chem.pictures.paths import Pen

TOKEN = re.compile(r"[a-z]|-?\d+")
ARGUMENTS = {"m": 2, "l": 2, "q": 4, "c": 6}


def absolute(text: str) -> list[tuple[str, list[tuple[float, float]]]]:
    """The points of a relative path, by a reader of its own."""
    x = y = 0
    start = (0, 0)
    found = []
    tokens = TOKEN.findall(text)
    verb, i = "", 0
    while i < len(tokens):
        if tokens[i].isalpha():
            verb, i = tokens[i], i + 1
            if verb == "z":
                x, y = start
                found.append(("Z", []))
                continue
        n = ARGUMENTS[verb]
        numbers, i = [int(t) for t in tokens[i : i + n]], i + n
        points = [((x + dx) / 10, (y + dy) / 10) for dx, dy in zip(numbers[::2], numbers[1::2], strict=True)]
        x, y = x + numbers[-2], y + numbers[-1]
        if verb == "m":
            start = (x, y)
        found.append((verb.upper(), points))
        verb = "l" if verb == "m" else verb
    return found


def path(rng: np.random.Generator) -> list[tuple[str, list[tuple[float, float]]]]:
    """Commands at random; on few places, so that many begin where another ended."""
    verbs = ["M", *rng.choice(["L", "Q", "C", "Z"], size=rng.integers(1, 7))]
    counts = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
    return [(v, [tuple(p) for p in (rng.integers(-3, 4, (counts[v], 2)) / 10).tolist()]) for v in verbs]


def as_rdkit_writes(commands) -> str:
    return " ".join(verb + " " + ", ".join(f"{x:.1f},{y:.1f}" for x, y in points) for verb, points in commands)


def strokes(commands):
    """What is drawn: each stroke with where it begins; moves draw nothing."""
    at, start, found = (0.0, 0.0), (0.0, 0.0), []
    for verb, points in commands:
        end = start if verb == "Z" else points[-1]
        if verb == "M":
            start = end
        else:
            found.append((verb, at, points, end))
        at = end
    return found


@pytest.mark.parametrize("seed", range(50))
def test_the_points_stay_where_they_were(seed):
    rng = np.random.default_rng(seed)
    paths = [path(rng) for _ in range(4)]
    pen = Pen()
    for commands in paths:
        pen.add(as_rdkit_writes(commands))
    written = [c for commands in paths for c in commands]
    assert strokes(absolute(pen.text())) == strokes(written)


def test_lines_that_go_on_need_no_move():
    pen = Pen()
    pen.add("M 1.0,2.0 L 3.0,2.0")
    pen.add("M 3.0,2.0 L 3.0,1.0")
    assert pen.text() == "m10 20l20 0 0-10"


def test_dots_lines_and_circles():
    pen = Pen()
    assert not pen
    pen.dot(1, 1)
    pen.line(1, 1, 2, 1)
    pen.circle(5, 5, 2)
    pen.line(0, 0, 1, 0)
    assert pen.text() == "m10 10h0l10 0m30 20a20 20 0 1 0 1 0zm-50-30l10 0"


@pytest.mark.parametrize("text", ["M 1e-05,0.0 L 1.0,0.0", "M -0.04,0 L 1.0,0.0"])
def test_small_numbers_are_nothing(text):
    pen = Pen()
    pen.add(text)
    assert absolute(pen.text())[-1] == ("L", [(1.0, 0.0)])

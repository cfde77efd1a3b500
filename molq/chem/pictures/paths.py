"""Paths of an SVG in few bytes: whole tenths of a pixel, each point from the last, all lines of a kind in one path."""

from __future__ import annotations

import re
from collections.abc import Iterator

TENTHS = 10
_TOKEN = re.compile(r"[MLQCZ]|-?[\d.]+(?:e-?\d+)?")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}


class Pen:
    """Collects the paths of one kind; ``text`` is the attribute ``d`` of all of them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at, self._start = (0, 0), (0, 0)
        self._verb = ""

    def add(self, path: str) -> None:
        """Appends a path as RDKit writes it: absolute, with M, L, Q, C and Z."""
        closes = "Z" in path  # to where it began, which a move that is left out would hide
        for verb, points in _commands(path):
            if verb == "Z":
                self._write("z", [])
                self._at = self._start
            elif verb == "M":
                if closes or points[0] != self._at or self._verb == "z":
                    self._write("m", points)
                self._start = self._at
            else:
                self._write(verb.lower(), points)

    def line(self, ax: float, ay: float, bx: float, by: float) -> None:
        """Appends a line."""
        if (start := _tenths(ax, ay)) != self._at:
            self._write("m", [start])
        self._write("l", [_tenths(bx, by)])

    def dot(self, x: float, y: float) -> None:
        """Appends a line without length, which round ends make a dot."""
        self._write("m", [_tenths(x, y)])
        self._parts.append("h0")
        self._verb = "h"

    def circle(self, x: float, y: float, r: float) -> None:
        """Appends a circle, as an arc that leaves a tenth of a pixel to be closed."""
        across = round(r * TENTHS)
        self._write("m", [_tenths(x, y - r)])
        self._parts.append(f"a{across} {across} 0 1 0 1 0z")
        self._start, self._verb = self._at, "z"

    def text(self) -> str:
        return "".join(self._parts)

    def __bool__(self) -> bool:
        return bool(self._parts)

    def _write(self, verb: str, points: list[tuple[int, int]]) -> None:
        x, y = self._at
        numbers = [str(n) for px, py in points for n in (px - x, py - y)]
        written = "".join(n if i == 0 or n[0] == "-" else f" {n}" for i, n in enumerate(numbers))
        if verb == self._verb and verb not in "mz":
            written = written if written[0] == "-" else f" {written}"
        else:
            written = verb + written
        self._parts.append(written)
        self._verb = verb
        if points:
            self._at = points[-1]


def _commands(path: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    tokens = iter(_TOKEN.findall(path))
    verb = "M"
    for token in tokens:
        if token.isalpha():
            verb = token
            if verb == "Z":
                yield verb, []
            continue
        first: str | None = token
        points = []
        for _ in range(_POINTS[verb]):
            points.append(_tenths(float(first or next(tokens)), float(next(tokens))))
            first = None
        yield verb, points


def _tenths(x: float, y: float) -> tuple[int, int]:
    return round(x * TENTHS), round(y * TENTHS)

"""Paths of an SVG in few bytes: whole tenths of a pixel, each point from the last, all lines of a kind in one path."""

from __future__ import annotations

import re

TENTHS = 10
_COMMAND = re.compile(r"([MLQCZ])([^MLQCZ]*)")


class Pen:
    """Collects the paths of one kind; ``text`` is the attribute ``d`` of all of them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at, self._start = [0, 0], [0, 0]
        self._verb = ""

    def add(self, path: str) -> None:
        """Appends a path as RDKit writes it: absolute, with M, L, Q, C and Z."""
        closes = "Z" in path  # to where it began, which a move that is left out would hide
        for verb, rest in _COMMAND.findall(path):
            points = [round(float(number) * TENTHS) for number in rest.replace(",", " ").split()]
            if verb == "Z":
                self._write("z", [])
                self._at = self._start
            elif verb == "M":
                if closes or points != self._at or self._verb == "z":
                    self._write("m", points)
                self._start = self._at
            else:
                self._write(verb.lower(), points)

    def line(self, ax: float, ay: float, bx: float, by: float) -> None:
        """Appends a line."""
        if (start := _tenths(ax, ay)) != self._at:
            self._write("m", start)
        self._write("l", _tenths(bx, by))

    def dot(self, x: float, y: float) -> None:
        """Appends a line without length, which round ends make a dot."""
        self._write("m", _tenths(x, y))
        self._parts.append("h0")
        self._verb = "h"

    def circle(self, x: float, y: float, r: float) -> None:
        """Appends a circle, as an arc that leaves a tenth of a pixel to be closed."""
        across = round(r * TENTHS)
        self._write("m", _tenths(x, y - r))
        self._parts.append(f"a{across} {across} 0 1 0 1 0z")
        self._start, self._verb = self._at, "z"

    def text(self) -> str:
        return "".join(self._parts)

    def __bool__(self) -> bool:
        return bool(self._parts)

    def _write(self, verb: str, numbers: list[int]) -> None:
        """``numbers`` are x and y of one point after the other."""
        x, y = self._at
        written = ""
        for i in range(0, len(numbers), 2):
            dx, dy = numbers[i] - x, numbers[i + 1] - y
            written += f"{dx}" if dx < 0 else f" {dx}"
            written += f"{dy}" if dy < 0 else f" {dy}"
        goes_on = verb == self._verb and verb not in "mz"
        self._parts.append(written if goes_on else verb + written.lstrip(" "))
        self._verb = verb
        if numbers:
            self._at = numbers[-2:]


def _tenths(x: float, y: float) -> list[int]:
    return [round(x * TENTHS), round(y * TENTHS)]

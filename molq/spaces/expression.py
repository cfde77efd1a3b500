"""What products are ranked by, as people type it: ``bace - 0.5*herg``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from molq.errors import InputError, UnsupportedError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|`(?P<ticked>[^`]*)`|\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'"
    r"|(?P<sign>\*\*|[-+*/^()−]))"
)
_NAMES = ("name", "ticked", "quoted", "single")
_DEEPEST = 50
_SHOWN = 60


class ScoreSum(NamedTuple):
    """A sum of scores, each times a number, and a constant."""

    of: dict[str, float]
    """by the names of scores; none is zero"""
    constant: float = 0.0


def weights(text: str, names: Sequence[str]) -> ScoreSum:
    """What ``bace - 0.5*(herg + 1)`` adds up of scores of these ``names``.

    A name that is no word stands in backticks or quotes. Raises InputError for a text that cannot be read, that names
    no score or another one, and UnsupportedError for what is no sum of scores, each times a number.
    """
    read = _Reader(text, names)
    found = read.sum()
    if read.kind is not None:
        read.refuse(f"{read.rest!r} is not understood")
    kept = {name: weight for name, weight in found.of.items() if weight}
    if not kept:
        read.refuse("it names no score" if not found.of else "its scores cancel each other")
    if not all(map(math.isfinite, (*kept.values(), found.constant))):
        read.refuse("its numbers are too large")
    return ScoreSum(kept, found.constant)


def written(name: str) -> str:
    """The name of a score as it stands in an expression."""
    if re.fullmatch(r"[^\W\d]\w*", name):
        return name
    mark = next((mark for mark in "`\"'" if mark not in name), "`")
    return f"{mark}{name}{mark}"


class _Reader:
    """Reads a text from left to right; ``kind`` and ``word`` are what stands next, None at the end."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self._text, self._names, self._at, self._depth = text, names, 0, 0
        self.kind: str | None = None
        self.word = ""
        self._next()

    @property
    def rest(self) -> str:
        return self._text[self._start :].strip()[:_SHOWN]

    def sum(self) -> ScoreSum:
        found = self._product()
        while self.word in ("+", "-") and self.kind == "sign":
            sign = self._taken()
            found = _added(found, _times(self._product(), -1.0 if sign == "-" else 1.0))
        return found

    def refuse(self, why: str) -> NoReturn:
        raise InputError(
            f"`score` {self._text[:_SHOWN]!r}: {why}; it must be scores, each times a number, added up, such as"
            " 'a - 0.5*b'"
        )

    def _product(self) -> ScoreSum:
        found = self._signed()
        while self.kind == "sign" and self.word in ("*", "/", "**", "^"):
            sign = self._taken()
            if sign in ("**", "^"):
                self._unsupported("a power")
            other = self._signed()
            if sign == "/":
                if other.of:
                    self._unsupported("a quotient of scores")
                if not other.constant:
                    self.refuse("it divides by zero")
                found = _times(found, 1 / other.constant)
            elif found.of and other.of:
                self._unsupported("a product of scores")
            else:
                found, by = (found, other) if found.of else (other, found)
                found = _times(found, by.constant)
        return found

    def _signed(self) -> ScoreSum:
        sign = 1.0
        while self.kind == "sign" and self.word in ("+", "-"):
            sign = -sign if self._taken() == "-" else sign
        return _times(self._atom(), sign)

    def _atom(self) -> ScoreSum:
        if self.kind == "number":
            return ScoreSum({}, float(self._taken()))
        if self.kind == "name":
            name = self._taken()
            if self.kind == "sign" and self.word == "(":
                self._unsupported(f"{name}(…)")
            if name not in self._names:
                self._unknown(name)
            return ScoreSum({name: 1.0})
        if self.kind != "sign" or self.word != "(":
            self.refuse(f"{self.rest!r} is not understood" if self.rest else "it ends too soon")
        self._depth += 1
        if self._depth > _DEEPEST:
            self.refuse(f"more than {_DEEPEST} parentheses stand in each other")
        self._taken()
        found = self.sum()
        if self.kind != "sign" or self.word != ")":
            self.refuse("a parenthesis is not closed")
        self._taken()
        self._depth -= 1
        return found

    def _taken(self) -> str:
        word = self.word
        self._next()
        return word

    def _next(self) -> None:
        self._start = self._at
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            if self._text[self._at :].strip():
                self.refuse(f"{self.rest!r} is not understood")
            self.kind, self.word = None, ""
            return
        kind = str(found.lastgroup)
        self.kind, self.word = "name" if kind in _NAMES else kind, found[kind].replace("−", "-")
        self._at = found.end()

    def _unknown(self, name: str) -> NoReturn:
        known = ", ".join(map(written, self._names[:20]))
        raise InputError(
            f"`score` {self._text[:_SHOWN]!r}: the model has no score {name!r}; those it has are {known}. A name that"
            ' is no word stands in backticks or quotes, such as "NR-AR"'
        )

    def _unsupported(self, what: str) -> NoReturn:
        raise UnsupportedError(
            f"`score` {self._text[:_SHOWN]!r}: {what} is no sum of scores, each times a number, and only such sums rank"
            " the products of a space"
        )


def _added(one: ScoreSum, other: ScoreSum) -> ScoreSum:
    of = dict(one.of)
    for name, weight in other.of.items():
        of[name] = of.get(name, 0.0) + weight
    return ScoreSum(of, one.constant + other.constant)


def _times(one: ScoreSum, by: float) -> ScoreSum:
    return ScoreSum({name: weight * by for name, weight in one.of.items()}, one.constant * by)

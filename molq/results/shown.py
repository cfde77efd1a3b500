"""Values that draw themselves: as text in a terminal, as HTML in a notebook."""

from __future__ import annotations

from functools import singledispatch

import msgspec

from molq.visible import readable


class Shown:
    """A value whose drawings are registered elsewhere, with ``as_text`` and ``as_html``; until then it shows fields."""

    __slots__ = ()

    def __repr__(self) -> str:
        return as_text(readable(self))

    def _repr_html_(self) -> str | None:
        return as_html(readable(self))


class Result(Shown, msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A frozen value that is read back from JSON only whole: no field more, less, or of another type."""


@singledispatch
def as_text(value: Shown) -> str:
    """``value`` for a terminal, within 80 columns where it is a table."""
    return super(Shown, value).__repr__()


@singledispatch
def as_html(value: Shown) -> str | None:
    """``value`` as an HTML fragment that loads nothing; None where it has no drawing but its text."""
    return None

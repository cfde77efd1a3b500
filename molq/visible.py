"""Text that is seen as it is: what would move a cursor, colour a terminal or turn its writing around, as an escape.

Names and words of files reach terminals and pages. None of them may start a line of its own, hide another or pose as
one that molq says.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from molq.urls import seen

T = TypeVar("T")


def one_line(text: str) -> str:
    """``text`` with controls, marks of direction, line ends and lone surrogates as Python writes them: ``\\n``.

    URLs in it lose their passwords and signatures.

    >>> print(one_line("IC50\\n(verified)\\x1b[2K"))
    IC50\\n(verified)\\x1b[2K
    """
    text = seen(text)
    return text if text.isprintable() else "".join(map(_escaped, text))


def lines(text: str) -> str:
    """The same for text of several lines, whose ends stay."""
    return "\n".join(map(one_line, text.split("\n")))


def readable(value: T) -> T:
    """``value`` itself, or a copy in which every text, however deep, is ``one_line``."""
    return cast(T, _readable(value))


def _escaped(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode()


def _readable(value: Any) -> Any:
    match value:
        case str():
            return one_line(value)
        case Path():
            return value if (text := str(value)) == (plain := one_line(text)) else Path(plain)
        case msgspec.Struct():
            return _replaced(value, value.__struct_fields__, msgspec.structs.replace)
        case tuple() | list():
            items = [_readable(item) for item in value]
            if all(new is old for new, old in zip(items, value, strict=True)):
                return value
            return value._make(items) if hasattr(value, "_make") else type(value)(items)
        case Mapping():
            pairs = [(_readable(key), _readable(item)) for key, item in value.items()]
            is_same = all(a is c and b is d for (a, b), (c, d) in zip(pairs, value.items(), strict=True))
            return value if is_same else dict(pairs)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        return _replaced(value, names, dataclasses.replace)
    return value


def _replaced(value: Any, names: Any, replace: Any) -> Any:
    """``value``, or where a field has become another, a copy with those fields."""
    changed = {name: new for name in names if (new := _readable(old := getattr(value, name))) is not old}
    return replace(value, **changed) if changed else value

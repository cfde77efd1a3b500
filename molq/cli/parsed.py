"""What is typed as text, as values: names, sizes, shares, and names for patterns."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence

from molq.errors import InputError
from molq.limits import require_within
from molq.urls import name_in

_UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "kib": 1024, "mib": 1024**2}


def names(text: str | None) -> list[str]:
    """The names of a list typed with commas between them; a name with a comma stands in double quotes, as in CSV.

    Raises InputError where a quote is not closed.
    """
    if not text:
        return []
    try:
        (row,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as error:
        raise InputError(
            f"{text[:60]!r} is no list of names with commas between; a name that holds a comma or a quote is typed"
            ' "a, b", each quote within it twice'
        ) from error
    return [name.strip() for name in row]


def size_bytes(text: str) -> int:
    """Bytes of ``200KB``, ``1.5MB``, ``64KiB`` or ``200000``. Raises InputError on any other text."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if match is None or match[2] not in _UNITS:
        raise InputError(f"`max_size` {text!r} must be a number of bytes, or one with KB, MB, KiB or MiB")
    n_bytes = float(match[1]) * _UNITS[match[2]]
    require_within(max_size=n_bytes)
    return int(n_bytes)


def overrides(texts: Sequence[str] | None) -> list[tuple[str, str]]:
    """(pattern, scheme) of each ``PATTERN=SCHEME``. Raises InputError on any other text."""
    return [_pair(text, "override", "PATTERN=SCHEME, such as 'head.*=fp32'") for text in texts or ()]


def observers(texts: Sequence[str] | None) -> list[tuple[str, str]]:
    """(pattern, observer) of each ``NAME`` or ``PATTERN=NAME``; a name alone is for all that no pattern picks."""
    named = [("*", text) for text in texts or () if "=" not in text]
    picked = [_pair(text, "observer", "NAME or PATTERN=NAME") for text in texts or () if "=" in text]
    return [*named, *picked]


def fractions(text: str) -> tuple[float, float, float]:
    """Three numbers with commas between. Raises InputError on any other text."""
    try:
        train, valid, test = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"`fractions` {text!r} must be three numbers with commas between, such as 0.8,0.1,0.1"
        ) from error
    return train, valid, test


def _pair(text: str, parameter: str, form: str) -> tuple[str, str]:
    pattern, separator, name = text.rpartition("=")
    if not (separator and pattern and name):
        raise InputError(f"`{parameter}` {text!r} must read {form}")
    return pattern, name


def typed_names(names: Sequence[str]) -> str:
    """What is typed for ``names`` to be read: commas between, in quotes where it takes them."""
    return ",".join('"' + name.replace('"', '""') + '"' if set(name) & set(',"\n ') else name for name in names)


def is_model(entry: str) -> bool:
    """Whether an entry of the library is a model: by the end of its name, or as a bundled one that no file hides."""
    from molq.face.bundled import bundled_models

    return name_in(entry).endswith(".molq") or (entry in bundled_models() and not os.path.exists(entry))

"""Numbers that numpy pickled, read from the records of an unpickled checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.errors import CheckpointError
from molq.interop.inert import Instance

_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_DTYPES = {f"{kind}{size}": f"<{kind}{size}" for kind, sizes in (("f", (4, 8)), ("i", (4, 8))) for size in sizes}
_LITTLE_ENDIAN = ("<", "=", "|")


def float_array(value: Any, what: str) -> NDArray[np.float64]:
    """The finite numbers of a pickled one-dimensional array, or of a list.

    Raises CheckpointError, which calls the value ``what``, for anything else.
    """
    if isinstance(value, list | tuple):
        if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
            raise CheckpointError(f"its {what} are not all numbers")
        numbers = np.array(value, np.float64)
    else:
        numbers = _pickled_array(value, what)
    if not np.isfinite(numbers).all():
        raise CheckpointError(f"its {what} hold values that are no finite numbers")
    return numbers


def _pickled_array(value: Any, what: str) -> NDArray[np.float64]:
    match value:
        case Instance(cls=cls, state=(_, (int(length),), dtype, _, data)) if (
            cls.module in _MODULES and cls.name == "_reconstruct"
        ):
            content = _bytes(data)
            code = _dtype(dtype)
            if code is not None and content is not None and len(content) == length * np.dtype(code).itemsize:
                return np.frombuffer(content, code).astype(np.float64)
    raise CheckpointError(f"its {what} are no row of numbers as numpy stores it")


def _dtype(value: Any) -> str | None:
    match value:
        case Instance(cls=cls, args=(str(name), *_), state=(_, str(order), *_)) if cls.path == "numpy.dtype":
            return _DTYPES.get(name) if order in _LITTLE_ENDIAN else None
    return None


def _bytes(value: Any) -> bytes | None:
    """Bytes as they are, or as protocols before 3 write them: text in Latin-1."""
    match value:
        case bytes():
            return value
        case Instance(cls=cls, args=(str(text), "latin1" | "latin-1")) if cls.path == "_codecs.encode":
            try:
                return text.encode("latin1")
            except UnicodeEncodeError:
                return None
    return None

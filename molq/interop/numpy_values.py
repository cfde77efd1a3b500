"""Numbers that numpy pickled, read from the records of an unpickled checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.errors import CheckpointError
from molq.interop.inert import Instance

SCALARS = {("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar")}
_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_SIZES = {"f": (2, 4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,)}
_DTYPES = {f"{kind}{size}": f"<{kind}{size}" for kind, sizes in _SIZES.items() for size in sizes}
_LITTLE_ENDIAN = ("<", "=", "|")


def numpy_scalar(args: tuple[Any, ...]) -> bool | int | float | None:
    """The number that ``scalar(dtype, bytes)`` means; None for what is no number or is not written as NumPy does."""
    match args:
        case (dtype, bytes(data)):
            code = _dtype(dtype)
            if code is not None and len(data) == np.dtype(code).itemsize:
                number: bool | int | float = np.frombuffer(data, code)[0].item()
                return number
    return None


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
        case Instance(cls=cls, state=(_, (int(length),), dtype, _, bytes(data))) if (
            cls.module in _MODULES and cls.name == "_reconstruct"
        ):
            code = _dtype(dtype)
            if code is not None and len(data) == length * np.dtype(code).itemsize:
                return np.frombuffer(data, code).astype(np.float64)
    raise CheckpointError(f"its {what} are no row of numbers as numpy stores it")


def _dtype(value: Any) -> str | None:
    match value:
        case Instance(cls=cls, args=(str(name), *_), state=(_, str(order), *_)) if cls.path == "numpy.dtype":
            return _DTYPES.get(name) if order in _LITTLE_ENDIAN else None
    return None

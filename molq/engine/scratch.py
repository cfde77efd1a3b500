"""Working memory that is allocated once and lent out again and again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Scratch:
    """Named buffers that grow to the largest shape asked for. A buffer's content is undefined when lent."""

    def __init__(self) -> None:
        self._flat: dict[str, NDArray[Any]] = {}

    def lend(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """A C-contiguous array of that shape and type; the next loan of the same name may share its memory."""
        size = math.prod(shape)
        flat = self._flat.get(name)
        if flat is None or flat.size < size or flat.dtype != dtype:
            flat = self._flat[name] = np.empty(size + size // 4, dtype)
        return flat[:size].reshape(shape)

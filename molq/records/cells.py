"""A column of text cells as bytes and offsets: no Python object for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

_IS_BLANK = np.zeros(256, bool)
_IS_BLANK[list(b" \t\n\r\v\f")] = True
_FIRST_NON_ASCII = 128


@dataclass(frozen=True)
class Cells(Sequence[str]):
    """n cells laid end to end in UTF-8; cell i is ``data[offsets[i]:offsets[i + 1]]``."""

    data: bytes
    offsets: NDArray[np.int64]
    """[n + 1], from 0 to len(data)"""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise ValueError("cells are sliced without a step")
            offsets = self.offsets[start : max(stop, start) + 1]
            return Cells(self.data[offsets[0] : offsets[-1]], offsets - offsets[0])
        at = range(len(self))[index]
        return self.data[self.offsets[at] : self.offsets[at + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cells):
            return NotImplemented
        return self.data == other.data and np.array_equal(self.offsets, other.offsets)

    __hash__ = None  # type: ignore[assignment]

    def texts(self) -> list[str]:
        """The cells as Python strings."""
        offsets = self.offsets.tolist()
        if self.data.isascii():
            text = self.data.decode("ascii")
            return [text[start:stop] for start, stop in pairwise(offsets)]
        data = self.data
        return [data[start:stop].decode() for start, stop in pairwise(offsets)]

    def take(self, index: NDArray[np.integer]) -> Cells:
        """The cells at ``index``, in that order."""
        return cells_at(self.data, self.offsets[:-1][index], self.offsets[1:][index])

    def replaced(self, changes: dict[int, str]) -> Cells:
        """The same cells but those named."""
        if not changes:
            return self
        texts = self.texts()
        for at, text in changes.items():
            texts[at] = text
        return cells_of(texts)

    def arrow(self) -> Any:
        """The same as an Arrow string array; the bytes are not copied."""
        import pyarrow as pa

        offsets = pa.py_buffer(self.offsets.astype(np.int32))
        return pa.StringArray.from_buffers(len(self), offsets, pa.py_buffer(self.data))


def cells_of(texts: Sequence[str]) -> Cells:
    """Cells of Python strings; what is no Unicode text is written with backslashes."""
    encoded = [text.encode("utf-8", "backslashreplace") for text in texts]
    return Cells(b"".join(encoded), _offsets([len(cell) for cell in encoded]))


def blank_cells(n: int) -> Cells:
    """n empty cells."""
    return Cells(b"", np.zeros(n + 1, np.int64))


def cells_of_arrow(array: Any) -> Cells:
    """Cells of an Arrow string array without nulls."""
    import pyarrow as pa

    array = array.cast(pa.large_string())
    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    if not len(array):
        return blank_cells(0)
    whole = memoryview(data) if data is not None else memoryview(b"")
    return Cells(bytes(whole[places[0] : places[-1]]), places - places[0])


def as_arrow(column: Sequence[str]) -> Any:
    """A column of text as an Arrow string array."""
    return (column if isinstance(column, Cells) else cells_of(column)).arrow()


def joined(parts: Sequence[Cells]) -> Cells:
    """The cells of all parts, in order."""
    if len(parts) == 1:
        return parts[0]
    lengths = np.concatenate([np.zeros(0, np.int64), *(np.diff(part.offsets) for part in parts)])
    return Cells(b"".join(part.data for part in parts), _offsets(lengths))


def cells_at(data: bytes, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> Cells:
    """Cells cut out of ``data``, cell i from ``starts[i]`` to ``stops[i]``."""
    lengths = stops - starts
    offsets = _offsets(lengths)
    n_bytes = int(offsets[-1])
    if not n_bytes:
        return Cells(b"", offsets)
    # [n_bytes] where each byte of the result stands in ``data``
    places = np.arange(n_bytes, dtype=np.int64) + np.repeat(starts - offsets[:-1], lengths)
    return Cells(np.frombuffer(data, np.uint8)[places].tobytes(), offsets)


def trimmed(
    data: bytes, starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same cells without the blanks around them."""
    codes = np.frombuffer(data, np.uint8)
    if not len(codes):
        return starts, stops
    last = len(codes) - 1
    while (blank := _IS_BLANK[codes[np.minimum(starts, last)]] & (starts < stops)).any():
        starts = starts + blank
    while (blank := _IS_BLANK[codes[np.maximum(stops - 1, 0)]] & (starts < stops)).any():
        stops = stops - blank
    return starts, stops


def without_outer_blanks(cells: Cells) -> Cells:
    """Each cell stripped as ``str.strip`` does, blanks beyond ASCII too."""
    starts, stops = trimmed(cells.data, cells.offsets[:-1], cells.offsets[1:])
    if cells.data.isascii():
        same = starts.base is cells.offsets and stops.base is cells.offsets
        return cells if same else cells_at(cells.data, starts, stops)
    codes = np.frombuffer(cells.data, np.uint8)
    filled = np.flatnonzero(stops > starts)
    odd = filled[(codes[starts[filled]] >= _FIRST_NON_ASCII) | (codes[stops[filled] - 1] >= _FIRST_NON_ASCII)]
    return cells_at(cells.data, starts, stops).replaced({int(at): cells[int(at)].strip().strip("\ufeff") for at in odd})


def _offsets(lengths: Any) -> NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets

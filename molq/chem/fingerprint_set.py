"""A set of fingerprints in few bytes: 15 to 20 a molecule, where 256 hold 2048 bits.

Fingerprints of a training set resemble each other. They are put in a chain, each followed by the nearest that is left,
and their bits are written column by column: a column then changes seldom, and LZMA writes what changes.
"""

from __future__ import annotations

import lzma
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.chem.fingerprints import popcount
from molq.compiled import compiler
from molq.errors import InputError

jit = compiler(__file__)

_FILTERS: list[dict[str, Any]] = [
    {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22, "lc": 0, "lp": 0, "pb": 0}
]
"""part of what the bytes mean; a reader needs the dictionary's size alone"""


def coded(fingerprints: NDArray[np.uint8]) -> tuple[int, bytes]:
    """How many distinct fingerprints there are among [n, b] packed ones, and their bytes.

    Their order is lost, and so are those without a bit. The time grows with n²: a second for 5,000.
    """
    distinct = np.unique(fingerprints, axis=0)
    distinct = distinct[distinct.any(axis=1)]
    if not len(distinct):
        return 0, b""
    chain = distinct[_chain(np.ascontiguousarray(distinct).view(np.uint64))]
    columns = np.packbits(np.unpackbits(chain, axis=1, bitorder="little").T, axis=1)
    return len(distinct), lzma.compress(columns.tobytes(), format=lzma.FORMAT_RAW, filters=_FILTERS)


def decoded(data: bytes, n: int, n_bits: int) -> NDArray[np.uint8]:
    """The n fingerprints [n, n_bits / 8], packed. Raises InputError for bytes that are no such set."""
    if n == 0 and not data:
        return np.zeros((0, n_bits // 8), np.uint8)
    width = (n + 7) // 8
    reader = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=_FILTERS)
    try:
        raw = reader.decompress(data, n_bits * width + 1)
    except (lzma.LZMAError, EOFError) as error:
        raise InputError(f"a set of {n:,} fingerprints cannot be read: {error}") from error
    if len(raw) != n_bits * width or not reader.eof or reader.unused_data:
        raise InputError(f"a set of {n:,} fingerprints cannot be read: it is cut short, or too much")
    columns = np.unpackbits(np.frombuffer(raw, np.uint8).reshape(n_bits, width), axis=1, count=n)
    return np.packbits(columns.T, axis=1, bitorder="little")


@jit
def _chain(words):  # type: ignore[no-untyped-def]
    """An order [n] of fingerprints [n, w] in which each is followed by the one of the rest that fewest bits tell apart.

    Of equals the first; it begins with fingerprint 0.
    """
    n = len(words)
    order = np.arange(n)
    for at in range(n - 2):
        nearest = at + 1
        least = _differing(words[order[at]], words[order[nearest]])
        for i in range(at + 2, n):
            here = _differing(words[order[at]], words[order[i]])
            if here < least:
                nearest, least = i, here
        order[at + 1], order[nearest] = order[nearest], order[at + 1]
    return order


@jit
def _differing(left, right):  # type: ignore[no-untyped-def]
    differing = np.uint64(0)
    for k in range(len(left)):
        differing += popcount(left[k] ^ right[k])
    return differing

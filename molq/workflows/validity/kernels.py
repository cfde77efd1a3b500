"""Numba kernels: what flows into a layer, gathered per molecule in one pass over memory."""

from __future__ import annotations

import numpy as np

from molq.compiled import compiler

N_BINS = 256
MOST = 65_535
"""a molecule's values in one bin are not counted further"""
_FIRST = (127 - 16) << 3
"""bin of 2^-16 among all bins of a float32: eight to the octave, by exponent and first three bits of the mantissa"""

jit = compiler(__file__)


@jit
def gather(x, bits, owner, low, high, counts, excited):
    """low, high [n], counts [n, N_BINS] and excited [n, k] of molecules take in the rows x [m, k] they own.

    bits [m, k] are those of x as int32, owner [m] the molecule of each row. Values that are 0 are not counted.
    """
    for i in range(len(x)):
        molecule = owner[i]
        for k in range(x.shape[1]):
            value = x[i, k]
            if value == 0:
                continue
            low[molecule], high[molecule] = min(low[molecule], value), max(high[molecule], value)
            place = ((bits[i, k] & 0x7FFFFFFF) >> 20) - _FIRST
            place = min(max(place, 0), N_BINS - 1)
            if counts[molecule, place] < MOST:
                counts[molecule, place] += 1
            excited[molecule, k] = True


@jit
def gather_largest(x, owner, largest):
    """largest [n, k] of molecules ← the largest magnitude per channel of the rows x [m, k] they own and before."""
    for i in range(len(x)):
        molecule = owner[i]
        for k in range(x.shape[1]):
            largest[molecule, k] = max(largest[molecule, k], abs(x[i, k]))


def bin_edges() -> np.ndarray:
    """Magnitudes [N_BINS + 1] at which bins begin, ascending; the first holds all smaller, the last all larger ones."""
    return ((np.arange(N_BINS + 1) + _FIRST) << 20).astype(np.int32).view(np.float32).astype(np.float64)

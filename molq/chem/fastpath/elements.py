"""The elements that the fast path reads, and what RDKit's periodic table says of them.

Source: RDKit, Code/GraphMol/atomic_data.cpp (default valences, outer electrons); the tests compare every entry.
"""

from __future__ import annotations

import numpy as np

MAX_ATOMIC_NUMBER = 128
VALENCES = {
    5: (3,),
    6: (4,),
    7: (3,),
    8: (2,),
    9: (1,),
    14: (4,),
    15: (3, 5),
    16: (2, 4, 6),
    17: (1,),
    34: (2, 4, 6),
    35: (1,),
    53: (1, 3, 5),
}
"""the valences of a neutral atom, least first"""
OUTER_ELECTRONS = {5: 3, 6: 4, 7: 5, 8: 6, 9: 7, 14: 4, 15: 5, 16: 6, 17: 7, 34: 6, 35: 7, 53: 7}
_BARE = {"B": 5, "C": 6, "N": 7, "O": 8, "P": 15, "S": 16, "F": 9, "I": 53}
_AROMATIC = {"c": 6, "n": 7, "o": 8, "s": 16}
AROMATIC = 256
"""added to the atomic number of a symbol in lower case"""


def _symbols() -> np.ndarray:
    table = np.zeros(256, np.int16)
    for symbol, number in _BARE.items():
        table[ord(symbol)] = number
    for symbol, number in _AROMATIC.items():
        table[ord(symbol)] = number + AROMATIC
    return table


def _by_number(values: dict[int, int]) -> np.ndarray:
    table = np.zeros(MAX_ATOMIC_NUMBER, np.int8)
    for number, value in values.items():
        table[number] = value
    return table


SYMBOLS = _symbols()
"""[256]: the atomic number of a one-letter symbol, 0 for any other byte"""
LEAST_VALENCE = _by_number({number: valences[0] for number, valences in VALENCES.items()})
OUTER = _by_number(OUTER_ELECTRONS)

"""The memory that holds one molecule while it is read and perceived."""

from __future__ import annotations

import numpy as np

MAX_ATOMS = 256
MAX_BONDS = 384
MAX_NEIGHBOURS = 6
MAX_OPEN_BRANCHES = 64
MAX_KEY = 4096
MAX_PRIORITY_ENTRY = 32
N_LABELS = 100
HYDROGEN = -1
"""in ``written``: the implicit hydrogen of a bracket"""

_FIELDS = np.dtype(
    [
        ("element", np.int16, MAX_ATOMS),
        ("lower", np.int8, MAX_ATOMS),  # 1 where the symbol is in lower case
        ("charge", np.int8, MAX_ATOMS),
        ("bracket_h", np.int8, MAX_ATOMS),  # hydrogens that a bracket states, -1 for an atom without bracket
        ("tag", np.int8, MAX_ATOMS),  # 0, 1 for @@ and 2 for @: RDKit's numbers of CW and CCW
        ("mapped", np.int8, MAX_ATOMS),  # 1 where an atom map is stated
        ("written", np.int32, (MAX_ATOMS, MAX_NEIGHBOURS)),  # neighbours in the order of the text
        ("n_written", np.int8, MAX_ATOMS),
        ("begin", np.int32, MAX_BONDS),  # bond b joins begin[b] and end[b], in RDKit's order
        ("end", np.int32, MAX_BONDS),
        ("order", np.int8, MAX_BONDS),  # 1 to 3, 4 aromatic
        ("direction", np.int8, MAX_BONDS),  # 0, 1 for / and 2 for \, from begin to end
        ("closure", np.int32, (N_LABELS, 5)),  # begin, end, order, direction and label of ring closures
        ("ring_atom", np.int32, N_LABELS),  # the atom where a label was opened, -1 while it is not
        ("ring_order", np.int8, N_LABELS),
        ("ring_direction", np.int8, N_LABELS),
        ("ring_slot", np.int8, N_LABELS),
        ("branch", np.int32, MAX_OPEN_BRANCHES),
        ("first", np.int32, MAX_ATOMS + 1),  # the neighbours of v stand at first[v]:first[v + 1], by bond
        ("neighbour", np.int32, 2 * MAX_BONDS),
        ("via", np.int32, 2 * MAX_BONDS),  # the bond to each neighbour
        ("in_ring", np.int8, MAX_BONDS),
        ("hydrogens", np.int8, MAX_ATOMS),
        ("degree", np.int8, MAX_ATOMS),  # with hydrogens
        ("valence", np.int8, MAX_ATOMS),
        ("aromatic", np.int8, MAX_ATOMS),
        ("aromatic_bond", np.int8, MAX_BONDS),
        ("conjugated", np.int8, MAX_BONDS),
        ("hybridization", np.int8, MAX_ATOMS),
        ("stereo", np.int8, MAX_BONDS),
        ("stack", np.int32, MAX_ATOMS + 1),
        ("found", np.int32, MAX_ATOMS),
        ("lowest", np.int32, MAX_ATOMS),
        ("parent", np.int32, MAX_ATOMS),
        ("system", np.int32, MAX_ATOMS),  # number of the ring system, -1 outside rings
        ("piece", np.int32, MAX_ATOMS),  # number of the piece of a ring system that can be aromatic, -1 for none
        ("members", np.int32, MAX_ATOMS),  # the atoms of the ring system or piece at hand, ascending
        ("key", np.uint8, MAX_KEY),
        ("rank", np.int32, MAX_ATOMS),
        ("ranked", np.int32, MAX_ATOMS),  # atoms by rank
        ("entry", np.int32, (MAX_ATOMS, MAX_PRIORITY_ENTRY)),
        ("state", np.int64, 4),  # number of members, length of the key, number of ranks, rounds of ranking
    ],
    align=True,
)
STABLE, NO_ROOM = -1, -2
"""rounds of a ranking that has ended"""
N_MEMBERS, KEY_LENGTH, N_RANKS, ROUNDS = range(4)


def make_workspace() -> np.record:
    """Room for one molecule, as one record: kernels pass it by its address."""
    record: np.record = np.zeros(1, np.dtype((np.record, _FIELDS)))[0]
    return record

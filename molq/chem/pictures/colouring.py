"""Which atoms of a picture lie on colour, and how strong: values that raise or lower, and marked substructures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from molq.errors import InputError

STEPS = 5
"""strengths that an eye tells apart; weaker values than half a step stay without colour"""

RADIUS, RING = 0.4, 0.35
"""of a coloured disc, in bonds; width of a ring, in radii"""
STRONGEST, MARKED = 0.85, 0.7
"""opacity of the largest values, and of marks"""


class Colouring(NamedTuple):
    """Atoms by index. What raises is a disc, what lowers a ring, so that paper without colour tells."""

    raising: dict[int, int]
    """atom → strength, 1 to STEPS"""
    lowering: dict[int, int]
    marked: frozenset[int]


NOTHING = Colouring({}, {}, frozenset())


def colouring(
    n_atoms: int, values: Sequence[float] | None, limit: float | None, marked: Collection[int] = ()
) -> Colouring:
    """Of a molecule of ``n_atoms``; ``limit`` is the size of a value at full strength, by default the largest.

    Raises InputError for another number of values than atoms, and for marks on atoms that are not there.
    """
    strange = sorted(atom for atom in marked if not 0 <= atom < n_atoms)
    if strange:
        raise InputError(f"atom {strange[0]} cannot be marked: the molecule has {n_atoms}, counted from 0")
    if values is None:
        return Colouring({}, {}, frozenset(marked))
    if len(values) != n_atoms:
        raise InputError(f"{len(values)} values for the {n_atoms} atoms of a molecule; give one for each")
    top = max(map(abs, values), default=0.0) if limit is None else limit
    steps = [_step(value, top) for value in values]
    raising = {atom: step for atom, step in enumerate(steps) if step > 0}
    lowering = {atom: -step for atom, step in enumerate(steps) if step < 0}
    return Colouring(raising, lowering, frozenset(marked))


def _step(value: float, top: float) -> int:
    """-STEPS to STEPS; 0 for what is not finite."""
    if not top > 0 or value != value:
        return 0
    return round(STEPS * max(-1.0, min(1.0, value / top)))

"""Which molecules of a set give the activation ranges their ends, and which of the library overstep them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, batches
from molq.results.validation import RangeEnd
from molq.workflows.validity.profile import Profiler


class Reach(NamedTuple):
    """How far down and up n molecules reach at each of s call sites, [n, s] each, 0 among what is counted."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]


def reach(profiler: Profiler, graphs: PackedGraphs) -> Reach:
    """Of every molecule, in bounded memory."""
    parts = [profiler.profiles(batch) for batch in batches(graphs, 1024)]
    return Reach(np.concatenate([p.low for p in parts]), np.concatenate([p.high for p in parts]))


def range_ends(
    labels: Sequence[str], of: Reach, library: Reach, smiles: Sequence[str], library_smiles: Sequence[str]
) -> tuple[RangeEnd, ...]:
    """Of each call site the upper end, or the lower one where the library oversteps that farther."""
    ends = []
    for i, label in enumerate(labels):
        down, up = (
            _end(label, sign, ours[:, i], theirs[:, i], smiles, library_smiles)
            for sign, ours, theirs in ((-1, -of.low, -library.low), (1, of.high, library.high))
        )
        ends.append(down if down.library and down.overshoot > up.overshoot else up)
    return tuple(ends)


def _end(
    label: str,
    sign: int,
    ours: NDArray[np.float32],
    theirs: NDArray[np.float32],
    smiles: Sequence[str],
    library_smiles: Sequence[str],
) -> RangeEnd:
    """``ours`` and ``theirs`` grow away from 0."""
    i, j = int(ours.argmax()), int(theirs.argmax())
    return RangeEnd(label, sign * float(ours[i]), smiles[i], sign * float(theirs[j]), library_smiles[j])

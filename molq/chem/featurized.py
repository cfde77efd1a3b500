"""What a featurizer hands back: graphs of the good molecules, rejections of the bad ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, concat
from molq.records.record import Rejected


class Featurized(NamedTuple):
    """Every input exactly once: as graph i, which came from input ``index[i]``, or as a rejection."""

    graphs: PackedGraphs
    index: NDArray[np.int64]  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    """[n], ascending positions in the input"""
    rejected: list[Rejected]
    """ascending; ``Rejected.row`` is the position in the input"""


def assemble(graphs: Sequence[PackedGraphs], index: Sequence[int], rejected: list[Rejected]) -> Featurized:
    """The parts laid end to end. ``index`` names the input of every molecule of ``graphs``, in order."""
    return Featurized(concat(graphs), np.asarray(index, np.int64), rejected)

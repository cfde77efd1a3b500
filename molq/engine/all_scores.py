"""Scores that are all numbers, for whoever measures with them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.engine.engine import Engine
from molq.errors import ModelFileError
from molq.nn.ensemble import Network


def all_scores(network: Network, graphs: PackedGraphs, name: str = "the model") -> NDArray[np.float32]:
    """Scores [n, C] of every molecule.

    Raises ModelFileError, in which the model has that ``name``, where a score is no number: nothing measured would be
    true.
    """
    scores = Engine(network).scores(graphs)
    is_number = np.isfinite(scores)
    if not is_number.all():
        n_without = int((~is_number).any(axis=1).sum())
        column = network.columns[int((~is_number).any(axis=0).argmax())].name
        raise ModelFileError(
            f"{name} gives {n_without:,} of {len(scores):,} molecules no number as their score ({column!r}): its"
            " weights are too large to be used; get another copy, or train it anew"
        )
    return scores

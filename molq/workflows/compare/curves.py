"""Executed scores beside labels, as curves of a classifier's tasks or points of a regressor's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.data.draw import draw
from molq.metrics.curves import found_down_the_list
from molq.results.curves import FoundCurve, Predicted

MOST_CORNERS = 400
MOST_POINTS = 300


def found_curves(
    names: Sequence[str], labels: NDArray[np.float32], scores: NDArray[np.float32]
) -> tuple[FoundCurve, ...]:
    """One for every prediction [n, J] whose labels [n, J] hold both classes.

    Of a curve of more than MOST_CORNERS corners as many are kept, evenly along it, its ends among them.
    """
    curves = []
    for j, name in enumerate(names):
        inactives, actives = found_down_the_list(labels[:, j], scores[:, j])
        if len(actives):
            kept = np.unique(np.linspace(0, len(actives) - 1, min(len(actives), MOST_CORNERS)).round().astype(int))
            curves.append(FoundCurve(name, tuple(inactives[kept].tolist()), tuple(actives[kept].tolist())))
    return tuple(curves)


def predicted(
    names: Sequence[str], labels: NDArray[np.float32], scores: NDArray[np.float32], seed: int
) -> tuple[Predicted, ...]:
    """One for every prediction [n, J] with labels [n, J]: all pairs, or a draw of MOST_POINTS."""
    found = []
    for j, name in enumerate(names):
        known = np.flatnonzero(np.isfinite(labels[:, j]) & np.isfinite(scores[:, j]))
        if len(known):
            shown = known[draw(len(known), MOST_POINTS, seed)]
            measured, given = (tuple(side[shown, j].astype(float).tolist()) for side in (labels, scores))
            found.append(Predicted(name, measured, given, of=len(known)))
    return tuple(found)

"""How many actives stand how far down a ranked list: the one curve that ROC and enrichment are both drawn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molq.metrics.ranking import classes


def found_down_the_list(y: ArrayLike, s: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Inactives [k] and actives [k] met so far, at every corner of the list from 0 and 0 to all; empty without both.

    The best scores come first. Tied rows are met together: the straight line across them is the mean over all their
    orders. Points between corners are left out, since all that is linear in both counts passes through them: the ROC
    curve is actives over inactives, the enrichment curve actives over the molecules screened, their sum.
    """
    labels, scores = classes(y, s)
    n_actives = int(labels.sum())
    if n_actives in (0, len(labels)):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    actives = np.append(0, np.cumsum(labels[order])[last]).astype(np.int64)
    inactives = np.append(0, last + 1) - actives
    turns = np.diff(inactives)[:-1] * np.diff(actives)[1:] != np.diff(inactives)[1:] * np.diff(actives)[:-1]
    corners = np.concatenate([[True], turns, [True]])
    return inactives[corners], actives[corners]

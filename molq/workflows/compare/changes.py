"""The molecules whose scores a quantized model moves farthest from the float model's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.results.changes import ScoreChange
from molq.results.plain import plain

N_CHANGES = 5


def largest_changes(
    smiles: Sequence[str],
    names: Sequence[str],
    reference: NDArray[np.float32],
    scores: NDArray[np.float32],
    labels: NDArray[np.float32] | None = None,
    n: int = N_CHANGES,
) -> tuple[ScoreChange, ...]:
    """The n molecules that moved farthest, the farthest first, each by its most changed prediction; none that stayed.

    ``smiles`` are of the n molecules, ``names`` of the predictions; ``reference``, ``scores`` and ``labels`` are
    [n, J]. The first change is ``Agreement.max_score_change``.
    """
    if not len(reference):
        return ()
    moved = np.abs(reference - scores)
    column = moved.argmax(axis=1)
    largest = moved.max(axis=1)
    farthest = [int(i) for i in np.argsort(-largest, kind="stable")[:n] if largest[i] > 0]
    return tuple(_change(smiles, names, reference, scores, labels, i, int(column[i])) for i in farthest)


def _change(
    smiles: Sequence[str],
    names: Sequence[str],
    reference: NDArray[np.float32],
    scores: NDArray[np.float32],
    labels: NDArray[np.float32] | None,
    i: int,
    j: int,
) -> ScoreChange:
    return ScoreChange(
        smiles=smiles[i],
        column=names[j],
        reference=float(reference[i, j]),
        score=float(scores[i, j]),
        reference_rank=1 + int((reference[:, j] > reference[i, j]).sum()),
        rank=1 + int((scores[:, j] > scores[i, j]).sum()),
        n=len(reference),
        label=None if labels is None else plain(float(labels[i, j])),
    )

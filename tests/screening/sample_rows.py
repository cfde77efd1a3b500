"""Scored rows made up on the spot, for tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from fake_scorers import DescriptorScorer

from molq.screening.rows import Rows
from molq.screening.score_rows import score_rows
from molq.screening.scored import ScoredRows

NASTY = ["plain", "", "a,b", 'say "hi"', "two\nlines", "a\r\nb", " blank ", "ü–漢", "\tx", "'", "=1+1"]


def rows_of(
    smiles: Sequence[str],
    ids: Sequence[str] | None = None,
    columns: Sequence[Sequence[str]] = (),
    rejected: dict[int, str] | None = None,
) -> Rows:
    ids = list(ids) if ids is not None else [f"M{i}" for i in range(len(smiles))]
    return Rows(list(smiles), ids, [list(column) for column in columns], dict(rejected or {}))


def scored(rows: Rows) -> ScoredRows:
    """By the descriptor scorer: two tasks."""
    return score_rows(rows, DescriptorScorer(), max_atoms=1000)


def with_scores(rows: Rows, scores: Sequence[Sequence[float]]) -> ScoredRows:
    """The same rows with other scores, one line for each row that is kept."""
    return scored(rows)._replace(scores=np.asarray(scores, np.float32))

"""Scores of a model in this process, the same bits as those of a screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.columns import Columns
from molq.engine.engine import Engine
from molq.face.molecules import parts
from molq.nn.ensemble import Network
from molq.records.trailing import trailing_rows
from molq.results.hits import Contributions
from molq.screening.score_rows import score_rows
from molq.screening.settings import CHUNK_ROWS
from molq.workflows.contributions import Explained, contributions_of

_NOT_TEXT = "an RDKit molecule; give its SMILES, in whose order of atoms the answer is"


class Scored(NamedTuple):
    """Scores float32 [n, C] of n values, NaN where there are none, and why there are none."""

    scores: NDArray[np.float32]
    reasons: dict[int, str]
    """place among the values → reason"""
    n_trailing: int
    """scored values with text after their SMILES"""


class Scoring:
    """The engine of one network. One chunk of one call at a time in the whole process, so threads may share models.

    The engine fills tables while it scores. It is taken out for each chunk and put back only after it: where a chunk is
    interrupted or fails, the next one finds none and builds a new one, and scores stay right.
    """

    _lock = Lock()
    """one for all models: they share what the reader of SMILES has learnt"""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._engines: dict[bool, Engine] = {}
        """with spread and without"""

    def columns(self, spread: bool) -> Columns:
        """Of the scores. Raises InputError when a single model shall have a spread."""
        with self._lock:
            self._engines[spread] = engine = self._engines.get(spread) or Engine(self._network, spread=spread)
        return engine.columns

    def chunks(self, values: Sequence[object], max_atoms: int, spread: bool) -> Iterator[Scored]:
        """The values in order, as many at a time as a screen takes."""
        for start in range(0, len(values), CHUNK_ROWS):
            yield self.score(values[start : start + CHUNK_ROWS], max_atoms, spread)

    def score(self, values: Sequence[object], max_atoms: int, spread: bool) -> Scored:
        """All values at once."""
        reasons: dict[int, str] = {}
        n_trailing = 0
        with self._lock:
            engine = self._engines.pop(spread, None) or Engine(self._network, spread=spread)
            scores = np.full((len(values), len(engine.columns)), np.nan, np.float32)
            for places, rows in parts(values, max_atoms, self._network.recipe):
                found = score_rows(rows, engine, max_atoms)
                at = np.asarray(places, np.int64)
                scores[at[found.kept]] = found.scores
                reasons |= {places[row]: reason for row, reason in found.rejected.items()}
                n_trailing += sum(row not in found.rejected for row in trailing_rows(rows.smiles).tolist())
            self._engines[spread] = engine
        return Scored(scores, reasons, n_trailing)

    def explain(self, values: Sequence[object], column: str | None, max_atoms: int) -> Explained:
        """What atoms add to a column, for every value that is a SMILES."""
        found: list[Contributions | None] = [None] * len(values)
        reasons: dict[int, str] = {}
        with self._lock:
            engine = self._engines.pop(False, None) or Engine(self._network)
            for places, rows in parts(values, max_atoms, self._network.recipe):
                asked = [row for row in range(len(places)) if row not in rows.rejected and rows.graphs is None]
                smiles = [rows.smiles[row] for row in asked]
                explained = contributions_of(engine, smiles, column, max_atoms)
                for row, one in zip(asked, explained.found, strict=True):
                    found[places[row]] = one
                reasons |= {places[asked[row]]: reason for row, reason in explained.reasons.items()}
                reasons |= {places[row]: reason for row, reason in rows.rejected.items()}
                if rows.graphs is not None:
                    reasons = dict.fromkeys(places, _NOT_TEXT) | reasons
            self._engines[False] = engine
        return Explained(explained.column, found, reasons)

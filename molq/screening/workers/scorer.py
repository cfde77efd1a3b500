"""The scorer of a .molq file."""

from __future__ import annotations

from molq.engine.engine import Engine
from molq.screening.scored import Scorer
from molq.store.molqfile import load


def load_scorer(path: str) -> Scorer:
    """The engine of a model file, on the CPU. Raises ModelFileError when the file cannot be trusted."""
    return Engine(load(path).network)

"""The scorer of a model."""

from __future__ import annotations

from molq.engine.engine import Engine
from molq.screening.scored import Scorer
from molq.screening.workers.job import ModelSource
from molq.store.molqfile import decode, load


def load_scorer(source: ModelSource) -> Scorer:
    """Its engine. Raises ModelFileError when the file or the bytes cannot be trusted."""
    loaded = load(source.path) if source.content is None else decode(source.content, source.path)
    return Engine(loaded.network)

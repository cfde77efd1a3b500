"""The scorer of a model."""

from __future__ import annotations

from molq.engine.engine import Engine
from molq.errors import InputError
from molq.screening.scored import Scorer
from molq.screening.workers.job import ModelSource
from molq.store.molqfile import decode


def load_scorer(source: ModelSource, spread: bool) -> Scorer:
    """Its engine. Raises ModelFileError when the bytes cannot be trusted, InputError as ``Engine`` does."""
    try:
        return Engine(decode(source.content, source.path).network, spread=spread)
    except InputError as error:
        raise InputError(f"{source.path}: {error}") from error

"""What the layers below take of a model that a caller names in any way."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from molq.face.bundled import model_path
from molq.store.molqfile import Loaded, load


class ModelInMemory(Protocol):
    """A ``molq.Model``."""

    @property
    def _loaded(self) -> Loaded: ...


ModelLike = ModelInMemory | str | Path
"""a model, the path of a .molq file, or the name of a bundled model"""


def loaded_of(model: ModelLike) -> Loaded:
    """The network with its card, called as it was named. Raises what ``molq.load`` does."""
    if isinstance(model, str | Path):
        return load(model_path(model))._replace(path=Path(model))
    return model._loaded

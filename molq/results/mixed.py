"""A search for mixed precision: what every layer may be stored as, and the mixes that were executed."""

from __future__ import annotations

from typing import Any

from molq.results.fidelity import Fidelity
from molq.results.plain import plain
from molq.results.shown import Result


class LayerOption(Result, frozen=True):
    """One way to store a layer."""

    name: str
    """of the scheme"""
    n_bytes: int
    error: float
    """what it adds to the mean squared error of the scores, were errors additive"""


class PredictedMix(Result, frozen=True):
    """Size and error that a mix was predicted to have."""

    size_bytes: int
    """of the file"""
    predicted_score_mse: float


class ExecutedMix(Result, frozen=True):
    """A scheme for every layer, saved, loaded back and executed."""

    layers: dict[str, str]
    """layer → scheme"""
    size_bytes: int
    """of the saved file"""
    predicted_score_mse: float
    fidelity: Fidelity


class MixedSearch(Result, frozen=True):
    """The mix chosen under a budget, and all that were executed on the way."""

    chosen: ExecutedMix
    executed: tuple[ExecutedMix, ...]
    """the smallest first"""
    predicted_front: tuple[PredictedMix, ...]
    """mixes that no other was predicted to beat in both size and error, the smallest first"""
    options: dict[str, tuple[LayerOption, ...]]
    """layer → what it may be stored as"""


@plain.register
def _flat(value: ExecutedMix) -> dict[str, Any]:
    return {
        "layers": dict(value.layers),
        "size_bytes": value.size_bytes,
        "predicted_score_mse": value.predicted_score_mse,
        **plain(value.fidelity),
    }

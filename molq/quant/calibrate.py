"""What flows into the layers of a predictor when it reads a calibration set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from molq.chem.packed import PackedGraphs
from molq.nn.graph import GraphTensors, to_tensors
from molq.nn.linear import Linear
from molq.nn.predictor import Predictor
from molq.quant.observers import Observer

Site = tuple[str, int]
"""layer name and call site"""


def observe(
    predictor: Predictor, batches: Iterable[PackedGraphs], make: Callable[[Site], Observer | None]
) -> dict[Site, Observer]:
    """Observers of the inputs of the float predictor's layers, one per (layer, call site), after all ``batches``.

    ``make`` gives a fresh observer for a site, or None for one that need not be watched.
    """
    sites = [
        (name, site)
        for name, layer in predictor.named_modules()
        if isinstance(layer, Linear) and layer.role != "table"
        for site in range(layer.sites)
    ]
    observers = {site: made for site in sites if (made := make(site)) is not None}
    with watching(predictor, {name for name, _ in observers}, lambda site, x: observers[site].update(x)):
        for graph in tensors(predictor, batches):
            predictor(graph)
    return observers


@contextmanager
def watching(predictor: Predictor, layers: Iterable[str], see: Callable[[Site, Tensor], None]) -> Iterator[None]:
    """While open, the predictor infers without gradients, and ``see`` is shown every input [M, K] of those layers."""
    hooks = [predictor.get_submodule(name).register_forward_pre_hook(_showing(name, see)) for name in layers]
    was_training = predictor.training
    predictor.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        predictor.train(was_training)
        for hook in hooks:
            hook.remove()


def tensors(predictor: Predictor, batches: Iterable[PackedGraphs]) -> Iterator[GraphTensors]:
    """The batches as the predictor reads them."""
    for batch in batches:
        yield to_tensors(batch, predictor.feature_set)


def _showing(name: str, see: Callable[[Site, Tensor], None]) -> Callable[..., None]:
    def hook(_module: Any, arguments: tuple[Any, ...]) -> None:
        site = arguments[1] if len(arguments) > 1 else 0
        see((name, site), arguments[0])

    return hook

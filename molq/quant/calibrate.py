"""What flows into the layers of a predictor when it reads a calibration set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from molq.chem.packed import PackedGraphs
from molq.errors import UnsupportedError
from molq.nn.graph import GraphTensors, to_tensors
from molq.nn.predictor import Predictor
from molq.quant.observers import Observer

Site = tuple[str, int]
"""layer name and call site"""


def observe(
    predictor: Predictor, batches: Iterable[PackedGraphs], observers: Mapping[Site, Observer]
) -> Mapping[Site, Observer]:
    """The same observers, after they saw the inputs of their call sites in the float predictor for all ``batches``."""

    def see(site: Site, x: Tensor) -> None:
        if site in observers:
            observers[site].update(x)

    with watching(predictor, {name for name, _ in observers}, see):
        for graph in tensors(predictor, batches):
            predictor(graph)
    return observers


@contextmanager
def watching(predictor: Predictor, layers: Iterable[str], see: Callable[[Site, Tensor], None]) -> Iterator[None]:
    """While open, the predictor infers without gradients, and ``see`` is shown every input [M, K] of those layers.

    Raises UnsupportedError where one is not finite.
    """
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
        if not torch.isfinite(arguments[0]).all():
            raise UnsupportedError(
                f"what flows into layer {name} overflows on the calibration set: the model's weights are too large to"
                " be quantized; get another copy, or train it anew"
            )
        see((name, site), arguments[0])

    return hook

"""Activation ranges per call site, from a calibration set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from molq.chem.packed import PackedGraphs
from molq.nn.graph import to_tensors
from molq.nn.linear import Linear
from molq.nn.predictor import Predictor
from molq.quant.observers import Observer

Site = tuple[str, int]


def observe(
    predictor: Predictor, batches: Iterable[PackedGraphs], make: Callable[[str], Observer | None]
) -> dict[Site, Observer]:
    """Observers of the inputs of the float predictor's layers, one per (layer, call site), after all ``batches``.

    ``make`` gives a fresh observer for a layer's name, or None for a layer that need not be watched.
    """
    observers: dict[Site, Observer] = {}
    hooks = []
    for name, layer in predictor.named_modules():
        if not isinstance(layer, Linear) or layer.role == "table":
            continue
        sites = {site: made for site in range(layer.sites) if (made := make(name)) is not None}
        observers.update({(name, site): observer for site, observer in sites.items()})
        if sites:
            hooks.append(layer.register_forward_pre_hook(_watch(sites)))
    was_training = predictor.training
    predictor.eval()
    try:
        with torch.no_grad():
            for batch in batches:
                predictor(to_tensors(batch, predictor.feature_set))
    finally:
        predictor.train(was_training)
        for hook in hooks:
            hook.remove()
    return observers


def _watch(sites: dict[int, Observer]) -> Callable[..., None]:
    def hook(_module: Any, arguments: tuple[Any, ...]) -> None:
        site = arguments[1] if len(arguments) > 1 else 0
        sites[site].update(arguments[0])

    return hook

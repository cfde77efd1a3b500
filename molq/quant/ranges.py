"""Activation ranges of call sites: by the observer that the scheme names, or by the best one for the site."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from molq.chem.packed import PackedGraphs, take
from molq.errors import InputError
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site, observe, tensors, watching
from molq.quant.observers import AUTO, OBSERVERS, Observer, fake_quantize, make_observer
from molq.quant.scheme import Scheme
from molq.quant.treatment import static_sites

HOLD_OUT = 4
"""one molecule in so many judges the observers that saw the others"""


class ChosenObserver(NamedTuple):
    """The observer chosen for a site."""

    observer: str
    errors: dict[str, float]
    """summed squared error of the layer's output on held-out molecules, per observer"""


def activation_ranges(
    predictor: Predictor, scheme: Scheme, batches: list[PackedGraphs]
) -> dict[Site, tuple[float, float]]:
    """(low, high) of every static call site of the float predictor."""
    names = {site: scheme.observer_for(*site) for site in static_sites(predictor, scheme)}
    undecided = [site for site, name in names.items() if name == AUTO]
    if undecided:
        names |= {site: choice.observer for site, choice in choose_observers(predictor, undecided, batches).items()}
    observers = observe(predictor, batches, {site: make_observer(name) for site, name in names.items()})
    return {site: _range(site, observer) for site, observer in observers.items()}


def check_site_observers(predictor: Predictor, scheme: Scheme) -> None:
    """Raises InputError for an observer pattern that matches no call site of a fixed range.

    Sites count that the scheme fixes with its overrides or without them: an override may spare what a pattern names.
    """
    sites = dict.fromkeys([*static_sites(predictor, replace(scheme, overrides=())), *static_sites(predictor, scheme)])
    known = [f"{name}:{site}" for name, site in sites]
    for pattern, _ in scheme.site_observers:
        if not fnmatch.filter(known, pattern):
            listed = f"they are {', '.join(known)}" if known else f"{scheme.name} has none of a fixed range"
            raise InputError(f"observer pattern {pattern!r} matches no call site; {listed}")


def choose_observers(
    predictor: Predictor, sites: Iterable[Site], batches: list[PackedGraphs]
) -> dict[Site, ChosenObserver]:
    """For every site the observer whose range, from most molecules, serves the layer's output best on the others."""
    sites = list(sites)
    seen, held_out = _split(batches)
    candidates: dict[Site, Mapping[str, Observer]] = {
        site: {name: make() for name, make in OBSERVERS.items()} for site in sites
    }
    layers = {name for name, _ in sites}

    def show(site: Site, x: Tensor) -> None:
        for observer in candidates.get(site, {}).values():
            observer.update(x)

    with watching(predictor, layers, show):
        for graph in tensors(predictor, seen):
            predictor(graph)
    ranges = {site: _ranges(observers) for site, observers in candidates.items()}
    errors = {site: dict.fromkeys(ranges[site], 0.0) for site in sites}

    def judge(site: Site, x: Tensor) -> None:
        layer: Any = predictor.get_submodule(site[0])
        for name, (low, high) in ranges.get(site, {}).items():
            wrong = (fake_quantize(x, low, high) - x) @ layer.weight.detach().T
            errors[site][name] += float(wrong.double().square().sum())

    with watching(predictor, layers, judge):
        for graph in tensors(predictor, held_out):
            predictor(graph)
    return {site: ChosenObserver(min(e, key=lambda name: e[name]) if e else "minmax", e) for site, e in errors.items()}


def _range(site: Site, observer: Observer) -> tuple[float, float]:
    try:
        return observer.range()
    except InputError as error:
        raise InputError(f"{site[0]}, call site {site[1]}: {error}") from error


def _ranges(observers: Mapping[str, Observer]) -> dict[str, tuple[float, float]]:
    """The range of each observer; none when they saw nothing."""
    try:
        return {name: observer.range() for name, observer in observers.items()}
    except InputError:
        return {}


def _split(batches: list[PackedGraphs]) -> tuple[list[PackedGraphs], list[PackedGraphs]]:
    """Molecules to observe and molecules to judge by; all of them for both when they are few."""
    if sum(batch.n_mols for batch in batches) < 2 * HOLD_OUT:
        return batches, batches
    seen, held_out, first = [], [], 0
    for batch in batches:
        is_held = np.arange(first, first + batch.n_mols) % HOLD_OUT == HOLD_OUT - 1
        seen.append(take(batch, np.flatnonzero(~is_held)))
        held_out.append(take(batch, np.flatnonzero(is_held)))
        first += batch.n_mols
    return seen, held_out

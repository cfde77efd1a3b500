"""Throughput of engines against each other, on a machine that others use too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch

from molq.chem.packed import PackedGraphs
from molq.engine.engine import Engine

ROUNDS = 11


class Throughput(NamedTuple):
    """Speed of one engine on one thread, from packed graphs to scores; parsing SMILES is not in it."""

    mols_per_s: float
    """by the median of its times"""
    speedup: float
    """median over rounds of the first engine's time over this one's in the same round"""
    speedup_low: float
    """first quartile"""
    speedup_high: float
    """third quartile"""


def throughputs(
    engines: Mapping[str, Engine],
    graphs: PackedGraphs,
    *,
    rounds: int = ROUNDS,
    progress: Callable[[int, int | None], None] | None = None,
) -> dict[str, Throughput]:
    """Throughput of each engine, the first being what the others are compared with.

    Every round runs all engines once, each round starting with another one, so that a busy neighbour or a change of
    clock speed hits all alike; the ratio is taken within the round. A first run of each is not counted.
    """
    names = list(engines)
    seconds = np.empty((rounds, len(names)))
    with _one_thread():
        for engine in engines.values():
            engine.scores(graphs)
        for r in range(rounds):
            for k in range(len(names)):
                i = (k + r) % len(names)
                start = time.perf_counter()
                engines[names[i]].scores(graphs)
                seconds[r, i] = time.perf_counter() - start
            if progress is not None:
                progress(r + 1, rounds)
    ratios = seconds[:, :1] / seconds
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75], axis=0)
    rates = graphs.n_mols / np.median(seconds, axis=0)
    rows = np.stack([rates, middle, low, high], axis=1).tolist()
    return {name: Throughput(*row) for name, row in zip(names, rows, strict=True)}


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

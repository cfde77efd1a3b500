"""Throughput of models against each other, on a machine that others use too."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, slice_graphs
from molq.engine.engine import Engine
from molq.errors import InputError
from molq.nn.ensemble import Network
from molq.nn.torch_state import torch_state
from molq.progress import SILENT, Progress
from molq.results.speed import SpeedSection, Throughput

ROUNDS = 9


def throughputs(
    models: Mapping[str, Network],
    graphs: PackedGraphs,
    *,
    rounds: int = ROUNDS,
    progress: Progress = SILENT,
) -> dict[str, Throughput]:
    """Throughput of each model, the first being what the others are compared with.

    The molecules are cut into one portion to warm up on and one for each round, so that no engine meets a molecule
    twice: engines remember what they worked out, as they do along a library. In a round all models score its portion,
    each round starting with another one, so that a change of clock speed hits all alike. Processor time is what counts,
    so waiting for a core that others use does not. Raises InputError for fewer than two molecules.
    """
    if graphs.n_mols < 2:
        raise InputError(f"speed is measured on at least 2 molecules, not {graphs.n_mols}; name a larger library")
    names = list(models)
    warm_up, *portions = _portions(graphs, rounds)
    seconds = np.empty((len(portions), len(names)))
    with torch_state(1):
        engines = [Engine(models[name]) for name in names]
        for engine in engines:
            engine.scores(warm_up)
        for r, portion in enumerate(portions):
            for i in np.roll(np.arange(len(names)), -r):
                start = time.thread_time()
                engines[i].scores(portion)
                seconds[r, i] = time.thread_time() - start
            progress.step(r + 1, len(portions))
    sizes = np.array([portion.n_mols for portion in portions])
    rows = summarise(seconds, sizes)
    return {name: Throughput(*row) for name, row in zip(names, rows.tolist(), strict=True)}


def speed_section(n_mols: int) -> SpeedSection:
    """How ``throughputs`` measures on that many molecules."""
    return SpeedSection(
        molecules=n_mols,
        rounds=ROUNDS,
        threads=1,
        backend="cpu",
        start="packed graphs",
        clock="processor time of the thread",
    )


def summarise(seconds: NDArray[np.float64], n_mols: NDArray[np.int64]) -> NDArray[np.float64]:
    """[models, 4] rows of Throughput from times [rounds, models] and molecules [rounds].

    The middle half of the rounds counts, by the time that all models together took for a molecule; their molecules over
    their seconds is the speed. So a round that something else disturbed counts for no model, the speed-up is the ratio
    of the speeds beside it, and it lies between the ratios of single rounds.
    """
    pace = seconds.sum(axis=1) / n_mols
    left_out = len(pace) // 4
    counted = np.argsort(pace, kind="stable")[left_out : len(pace) - left_out]
    mols_per_s = n_mols[counted].sum() / seconds[counted].sum(axis=0)
    ratios = seconds[counted, :1] / seconds[counted]
    return np.stack([mols_per_s, mols_per_s / mols_per_s[0], ratios.min(axis=0), ratios.max(axis=0)], axis=1)


def _portions(graphs: PackedGraphs, rounds: int) -> list[PackedGraphs]:
    """``rounds`` + 1 portions of about the same size, fewer when there are not enough molecules."""
    cuts = np.linspace(0, graphs.n_mols, min(rounds + 1, graphs.n_mols) + 1).astype(int).tolist()
    return [slice_graphs(graphs, start, stop) for start, stop in itertools.pairwise(cuts)]

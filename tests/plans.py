"""What every plan must do: the network's molecule vectors, each environment computed once and for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, slice_graphs
from molq.engine.environments import EdgeEnvironments
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary, walk_over
from molq.nn.config import PredictorConfig
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor

GRAPHS = featurize(DRUGS).graphs
CAPACITY = 10**6


def environments_of(kind: type[Any], vocabulary: Vocabulary, config: PredictorConfig, capacity: int) -> Any:
    """Environments of that kind for a network."""
    if kind is EdgeEnvironments:
        return EdgeEnvironments(vocabulary, config.depth, config.undirected, capacity)
    return kind(vocabulary, config.depth, capacity)


class Run:
    """A plan with its environments, to be shown batches of graphs."""

    def __init__(
        self, plan: type[Any], environments: type[Any], predictor: Predictor, capacity: int = CAPACITY
    ) -> None:
        self.vocabulary, self.scratch = Vocabulary(), Scratch()
        self.environments = environments_of(environments, self.vocabulary, predictor.config, capacity)
        self.plan = plan(predictor, self.environments, self.scratch)

    def vectors(self, graphs: PackedGraphs) -> np.ndarray:
        """Molecule vectors [n, d]."""
        walk = walk_over(graphs, self.scratch)
        numbers = self.environments.number(walk, self.scratch)
        out = np.full((graphs.n_mols, self.plan.d), np.nan, np.float32)
        self.plan.pool(walk, numbers, out)
        return out


def assert_vectors_are_the_networks(plan: type[Any], environments: type[Any], predictor: Predictor) -> None:
    with torch.no_grad():
        expected = predictor.pool(to_tensors(GRAPHS, predictor.feature_set)).numpy()
    np.testing.assert_allclose(Run(plan, environments, predictor).vectors(GRAPHS), expected, rtol=2e-5, atol=2e-6)


def assert_bits_do_not_depend_on_what_was_seen(plan: type[Any], environments: type[Any], predictor: Predictor) -> None:
    at_once = Run(plan, environments, predictor).vectors(GRAPHS)
    for capacity in (CAPACITY, 3):
        run = Run(plan, environments, predictor, capacity)
        for start in (8, 0, 4, 0):
            assert np.array_equal(run.vectors(slice_graphs(GRAPHS, start, start + 4)), at_once[start : start + 4])


def rows_computed(run: Run, monkeypatch: Any, of: Callable[[Run], list[Any]]) -> Callable[[PackedGraphs], int]:
    """A function that shows graphs to the run and counts the rows that its products then multiply."""
    counted: list[int] = []
    for product in of(run):
        real = product.apply

        def apply(x: np.ndarray, out: np.ndarray, real: Any = real) -> None:
            counted.append(len(x))
            real(x, out)

        monkeypatch.setattr(product, "apply", apply)

    def show(graphs: PackedGraphs) -> int:
        counted.clear()
        run.vectors(graphs)
        return sum(counted)

    return show

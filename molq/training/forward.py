"""Logits and scores of molecules of one set, by the quickest way a configuration allows."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molq.chem.packed import PackedGraphs, take
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Network
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.nn.scores import outputs_of, scores_of_outputs
from molq.training.merged_dmpnn import MergedForward, can_merge

_SCORED_AT_ONCE = 256


class Forward(Protocol):
    """Logits [n, T] of molecules ``mols`` [n] of the set it was made for."""

    def __call__(self, predictor: Predictor, mols: NDArray[np.int64]) -> Tensor: ...


class PlainForward:
    """Logits through ``Predictor.forward``."""

    def __init__(self, graphs: PackedGraphs, config: PredictorConfig) -> None:
        self.graphs, self.feature_set = graphs, config.feature_set

    def __call__(self, predictor: Predictor, mols: NDArray[np.int64]) -> Tensor:
        logits: Tensor = predictor(to_tensors(take(self.graphs, mols), self.feature_set))
        return logits


def make_forward(graphs: PackedGraphs, config: PredictorConfig) -> Forward:
    """The quickest exact forward pass over ``graphs`` for predictors of ``config``."""
    return MergedForward(graphs, config) if can_merge(config) else PlainForward(graphs, config)


def logits_of(predictor: Predictor, forward: Forward, mols: NDArray[np.int64]) -> Tensor:
    """Logits [n, L] without gradients, the predictor in evaluation mode."""
    was_training = predictor.training
    predictor.eval()
    chunks = [mols[i : i + _SCORED_AT_ONCE] for i in range(0, len(mols), _SCORED_AT_ONCE)]
    with torch.no_grad():
        parts = [forward(predictor, chunk) for chunk in chunks]
    predictor.train(was_training)
    return torch.cat(parts) if parts else torch.empty(0, predictor.config.n_logits)


def scores_of(network: Network, graphs: PackedGraphs) -> NDArray[np.float32]:
    """Scores [n, C] of every molecule; those of an ensemble are of its members' mean outputs."""
    mols = np.arange(graphs.n_mols)
    total = torch.zeros(graphs.n_mols, len(network.columns))
    with torch.no_grad():
        for member in network.members:
            logits = logits_of(member, make_forward(graphs, member.config), mols)
            total += outputs_of(logits, member.outputs, member.output_mean, member.output_scale)
        scores: NDArray[np.float32] = scores_of_outputs(total / len(network.members), network.outputs).numpy()
    return scores

"""Predictor: encoder + readout + head."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from molq.chem.features import FeatureTable
from molq.chem.recipe import PLAIN, Recipe
from molq.columns import Columns
from molq.nn.activation import activation
from molq.nn.config import PredictorConfig
from molq.nn.gine import GINE
from molq.nn.graph import GraphTensors
from molq.nn.linear import Linear
from molq.nn.mpnn import AMPNN, DMPNN
from molq.nn.outputs import Outputs
from molq.nn.readout import readout
from molq.nn.scores import outputs_of, scores_of_outputs


class Predictor(nn.Module):
    """A network from molecular graphs to logits that knows its tasks, its columns, its feature set and its recipe.

    Regression heads work in scaled units; ``activate`` gives the scores in target units (or probabilities).
    """

    encoder: Any
    readout: Any
    output_mean: Tensor
    output_scale: Tensor

    def __init__(self, config: PredictorConfig) -> None:
        super().__init__()
        table = FeatureTable(config.feature_set)
        self.config = config
        self.scheme = "fp32"
        self.encoder = _encoder(config, table.d_v, table.d_e)
        self.readout = readout(config)
        pooled_norm = config.batch_norm and config.architecture in ("dmpnn", "ampnn")
        self.bn = nn.BatchNorm1d(config.d_h) if pooled_norm else None
        self.scaler = ExtrasScaler(config.n_extras) if config.n_extras else None
        self.head = Head(config)
        self.register_buffer("output_mean", torch.zeros(len(config.tasks)))
        self.register_buffer("output_scale", torch.ones(len(config.tasks)))

    @property
    def tasks(self) -> tuple[str, ...]:
        return self.config.tasks

    @property
    def kind(self) -> str:
        return self.config.kind

    @property
    def outputs(self) -> Outputs:
        return self.config.outputs

    @property
    def columns(self) -> Columns:
        """Of its scores, C of them."""
        return self.outputs.columns(self.tasks)

    @property
    def feature_set(self) -> str:
        return self.config.feature_set

    @property
    def recipe(self) -> Recipe:
        return PLAIN if self.config.recipe is msgspec.UNSET else self.config.recipe

    @property
    def members(self) -> tuple[Predictor, ...]:
        return (self,)

    def forward(self, graph: GraphTensors) -> Tensor:
        """Logits [n, L]: those of the first task, then those of the next."""
        return self.judge(self.pool(graph), graph.extras)

    def pool(self, graph: GraphTensors) -> Tensor:
        """Molecule vectors [n, d_h]."""
        z = self.readout(self.encoder(graph), graph.batch, graph.n_mols)
        return z if self.bn is None else self.bn(z)

    def judge(self, z: Tensor, extras: Tensor) -> Tensor:
        """Logits [n, L] of molecule vectors [n, d_h] and what the molecules bring beside them [n, k]."""
        return self.head(z) if self.scaler is None else self.head(z, self.scaler(extras))

    def activate(self, logits: Tensor) -> Tensor:
        """Scores [n, C] of logits [n, L]: probabilities, or values in target units."""
        outputs = outputs_of(logits, self.outputs, self.output_mean, self.output_scale)
        return scores_of_outputs(outputs, self.outputs)


class ExtrasScaler(nn.Module):
    """What molecules bring beside their graphs [n, k], as the head takes it: (x − mean) / scale."""

    mean: Tensor
    scale: Tensor

    def __init__(self, k: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(k))
        self.register_buffer("scale", torch.ones(k))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.scale


class Head(nn.Module):
    """Feed-forward network on molecule vectors [n, d_h], and scaled extras [n, k] if there are any, to logits [n, L].

    The columns of its first matrix that take the extras are a layer of their own.
    """

    def __init__(self, config: PredictorConfig) -> None:
        super().__init__()
        width = (*config.head_hidden, config.n_logits)[0]
        fan_in = config.d_h + config.n_extras
        # before the layers, because that is where it runs
        self.extras = Linear(config.n_extras, width, False, "extras", fan_in=fan_in) if config.n_extras else None
        widths = (config.d_h, *config.head_hidden, config.n_logits)
        self.layers = nn.ModuleList(Linear(a, b, True, "head") for a, b in itertools.pairwise(widths))
        self.act = activation(config.head_activation, config.head_activation_settings)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, z: Tensor, extras: Tensor | None = None) -> Tensor:
        z = self.layers[0](z)
        if self.extras is not None:
            z = z + self.extras(extras)
        for layer in self.layers[1:]:
            z = layer(self.dropout(self.act(z)))
        return z


def _encoder(config: PredictorConfig, d_v: int, d_e: int) -> nn.Module:
    if config.architecture == "attentivefp":
        from molq.nn.attentivefp import AttentiveFP  # PyG takes seconds to import, and only this one needs it

        return AttentiveFP(config, d_v, d_e)
    return {"dmpnn": DMPNN, "ampnn": AMPNN, "gine": GINE}[config.architecture](config, d_v, d_e)

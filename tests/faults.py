"""Models and calibration sets made to fail when they are quantized."""

from __future__ import annotations

import copy

import numpy as np
import torch

from molq.calibset.spec import CalibrationSpec, ChosenSet
from molq.chem.recipe import PLAIN
from molq.chem.scaffolds import murcko_scaffolds
from molq.data.labels import load_dataset
from molq.nn.predictor import Predictor
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules


def with_outliers(model: Predictor, factor: float, n_channels: int = 6) -> tuple[Predictor, list[int]]:
    """The same function with some channels of the atom states scaled by ``factor`` and scaled back where they are read.

    Returns the channels too. ReLU and sums over atoms are positively homogeneous, so float scores stay.
    """
    made = copy.deepcopy(model)
    d_h = made.config.d_h
    alive = np.flatnonzero(made.encoder.W_o_msg.weight.detach().abs().sum(1).numpy())
    chosen = sorted(np.random.default_rng(1).choice(alive, n_channels, replace=False).tolist())
    assert max(chosen) < d_h
    with torch.no_grad():
        for layer in (made.encoder.W_o_atom, made.encoder.W_o_msg):
            layer.weight[chosen] *= factor
        made.encoder.W_o_atom.bias[chosen] *= factor
        made.head.layers[0].weight[:, chosen] /= factor
    return made, chosen


def one_scaffold(dataset: str, scaffold: str) -> CalibrationMolecules:
    """All molecules of a registered data set that share a Bemis-Murcko scaffold."""
    smiles = load_dataset(dataset).smiles
    found = zip(smiles, murcko_scaffolds(smiles), strict=True)
    return given([molecule for molecule, of_molecule in found if of_molecule == scaffold])


def fragments() -> CalibrationMolecules:
    """Ten molecules of a few atoms each."""
    return given(["CC", "CO", "C=C", "C#N", "CN", "C=O", "CF", "CCl", "C1CC1", "c1ccccc1", "CS", "CCO"])


def given(smiles: list[str]) -> CalibrationMolecules:
    """A calibration set of those molecules."""
    return calibration_molecules(
        ChosenSet(smiles, np.arange(len(smiles)), CalibrationSpec("given", len(smiles))), PLAIN
    )

from __future__ import annotations

import numpy as np
import pytest
from faults import with_outliers

from molq.chem.featurize import featurize
from molq.chem.packed import batches, slice_graphs
from molq.chem.recipe import Recipe
from molq.nn.config import default_config
from molq.nn.predictor import Predictor
from molq.workflows.compare.probe import read_probe
from molq.workflows.precision.activations import site_activations


def test_outlier_channels_are_named(folder, model):
    graphs = read_probe(str(folder / "table.csv"), model).graphs
    broken, channels = with_outliers(model.network, 50)
    found = {s.layer: s for s in site_activations(broken, batches(graphs))}["head.layers.0"]
    assert {c.index for c in found.outliers} <= set(channels)
    assert found.outliers
    assert found.largest_ratio > 8


def test_values_beyond_a_range_are_counted(model):
    graphs = featurize(["CCO", "c1ccccc1O"]).graphs
    seen = site_activations(model.network, [graphs])
    halved = {(s.layer, s.site): (s.low / 2, s.high / 2) for s in seen}
    clipped = site_activations(model.network, [graphs], halved)
    assert all(s.beyond > 0 and s.overshoot == pytest.approx(2.0, rel=0.01) for s in clipped if s.low >= 0)


def test_inputs_that_are_never_rounded_are_left_out():
    recipe = Recipe(molecule_features=("charge",))
    predictor = Predictor(default_config("dmpnn", ("a",), "regression", d_h=8, recipe=recipe, extras=1))
    seen = site_activations(predictor, [featurize(["CCO", "C[NH3+]"], recipe=recipe).graphs])
    assert "head.extras" not in {site.layer for site in seen}
    assert "head.layers.0" in {site.layer for site in seen}


def test_the_molecule_that_reaches_farthest_is_named(model):
    smiles = ["CCO", "c1ccccc1O", "CC(=O)Nc1ccc(O)cc1", "CCCCCCCC"]
    graphs = featurize(smiles).graphs
    for site in site_activations(model.network, batches(graphs, 2), smiles=smiles):
        alone = [
            next(
                one
                for one in site_activations(model.network, [slice_graphs(graphs, i, i + 1)])
                if (one.layer, one.site) == (site.layer, site.site)
            )
            for i in range(len(smiles))
        ]
        assert site.high_by == smiles[int(np.argmax([one.high for one in alone]))]
        lowest = int(np.argmin([one.low for one in alone]))
        assert site.low_by == (smiles[lowest] if alone[lowest].low < 0 else None)
    assert all(site.high_by is None for site in site_activations(model.network, [graphs]))


def test_the_molecule_behind_an_outlier_channel_is_named(folder, model):
    probe = read_probe(str(folder / "table.csv"), model)
    broken, _ = with_outliers(model.network, 50)
    found = {s.layer: s for s in site_activations(broken, batches(probe.graphs), smiles=probe.smiles)}["head.layers.0"]
    worst = found.outliers[0]
    assert worst.by in probe.smiles
    assert worst.by in (found.low_by, found.high_by)

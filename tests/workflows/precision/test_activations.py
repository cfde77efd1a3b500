from __future__ import annotations

import pytest
from faults import with_outliers

from molq.chem.featurize import featurize
from molq.chem.packed import batches
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

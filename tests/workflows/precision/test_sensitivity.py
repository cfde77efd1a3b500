from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from faults import with_outliers

from molq.chem.featurize import featurize
from molq.chem.packed import batches
from molq.engine.engine import Engine
from molq.quant.layers import layer_table
from molq.quant.scheme import get_scheme
from molq.workflows.compare.fidelity import logits, signal_to_noise, yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.precision.activations import site_activations
from molq.workflows.precision.sensitivity import measure_sensitivity, only, quantized, write_sensitivity


@pytest.fixture(scope="module")
def target(folder, model):
    return read_probe(str(folder / "table.csv"), model)


@pytest.fixture(scope="module")
def analysis(model, target, calibration_of_table):
    on = yardstick(model.network, target, n_resamples=100)
    return measure_sensitivity(model, get_scheme("int8"), calibration_of_table, on)


def test_labelled_molecules_are_those_the_model_never_saw(target, folder, model):
    assert target.labels is not None
    assert target.side == "test"
    everything = read_probe(str(folder / "table.csv"), model, side=None)
    assert len(everything.smiles) == 160
    assert not set(target.smiles) & set(target.pool)


def test_a_library_needs_no_labels(folder, model):
    library = read_probe(str(folder / "library.smi"), model)
    assert library.labels is None
    assert library.graphs.n_mols == len(library.smiles) == 60
    found = yardstick(model.network, library).compare(model.network)
    assert found.loss is None
    assert (found.score_mse, found.sqnr_db) == (0.0, None)


def test_only_one_layer_is_quantized(model, calibration_of_table):
    made = quantized(model.network, only(get_scheme("int8"), "encoder.W_h"), calibration_of_table)
    assert {row.name for row in layer_table(made) if row.weights != "fp32"} == {"encoder.W_h"}


def test_every_layer_is_measured_as_executed(analysis, model, target, calibration_of_table):
    assert [layer.name for layer in analysis.layers] == [row.name for row in layer_table(model.network)]
    scores = Engine(quantized(model.network, get_scheme("int8"), calibration_of_table)).scores(target.graphs)
    reference = Engine(model.network).scores(target.graphs)
    assert analysis.whole.score_mse == pytest.approx(np.mean((scores.astype(float) - reference) ** 2))
    assert max(layer.alone.score_mse for layer in analysis.layers) == analysis.ranked()[0].alone.score_mse
    assert all(layer.n_bytes < layer.n_bytes_float for layer in analysis.layers)


def test_results_are_json(analysis, tmp_path):
    write_sensitivity(tmp_path / "out", analysis.to_dict())
    values = json.loads((tmp_path / "out" / "sensitivity.json").read_text())
    assert values["layers"][0]["alone"]["loss_low"] <= values["layers"][0]["alone"]["loss_high"]
    assert sum(values["sites"][0]["counts"]) > 0


def test_labels_of_one_class_are_measured_without_a_metric(model, target, calibration_of_table):
    on = yardstick(model.network, replace(target, labels=np.ones_like(target.labels)), n_resamples=100)
    found = measure_sensitivity(model, get_scheme("int8"), calibration_of_table, on).to_dict()
    assert found["baseline"] is None
    json.dumps(found, allow_nan=False)


def test_activations_of_the_calibration_set_lie_within_its_ranges(analysis):
    beyond = {site.layer: site.beyond for site in analysis.sites}
    assert beyond.pop("head.layers.0") is None, "the head takes the range of each row"
    assert beyond.pop("head.layers.1") is None
    assert beyond
    assert all(share < 0.001 for share in beyond.values())


def test_outlier_channels_are_named(model, target):
    broken, channels = with_outliers(model.network, 50)
    found = {s.layer: s for s in site_activations(broken, batches(target.graphs))}["head.layers.0"]
    assert {c.index for c in found.outliers} <= set(channels)
    assert found.outliers
    assert found.largest_ratio > 8


def test_values_beyond_a_range_are_counted(model):
    graphs = featurize(["CCO", "c1ccccc1O"]).graphs
    seen = site_activations(model.network, [graphs])
    halved = {(s.layer, s.site): (s.low / 2, s.high / 2) for s in seen}
    clipped = site_activations(model.network, [graphs], halved)
    assert all(s.beyond > 0 and s.overshoot == pytest.approx(2.0, rel=0.01) for s in clipped if s.low >= 0)


def test_signal_to_noise_is_that_of_its_definition():
    reference, noisy = np.array([[0.0], [2.0]]), np.array([[0.1], [2.1]])
    assert signal_to_noise(reference, noisy) == pytest.approx(20.0)
    assert signal_to_noise(reference, reference) is None
    assert np.isfinite(logits(np.array([[0.0], [1.0]], np.float32), "classification")).all()

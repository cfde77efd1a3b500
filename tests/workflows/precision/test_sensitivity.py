"""Every layer quantized alone and spared alone, each executed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from heard import Heard

from molq.engine.engine import Engine
from molq.errors import InputError
from molq.quant.layers import layer_table
from molq.quant.scheme import get_scheme
from molq.results.plain import plain
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.precision.layers import quantized
from molq.workflows.precision.sensitivity import measure_sensitivity, sensitivity, write_sensitivity


@pytest.fixture(scope="module")
def target(folder, model):
    return read_probe(str(folder / "table.csv"), model)


@pytest.fixture(scope="module")
def analysis(model, target, calibration_of_table):
    on = yardstick(model.network, target, n_resamples=100)
    return measure_sensitivity(model, get_scheme("int8"), calibration_of_table, on)


def test_every_layer_is_measured_as_executed(analysis, model, target, calibration_of_table):
    assert [layer.name for layer in analysis.layers] == [row.name for row in layer_table(model.network)]
    scores = Engine(quantized(model.network, get_scheme("int8"), calibration_of_table)).scores(target.graphs)
    reference = Engine(model.network).scores(target.graphs)
    assert analysis.whole.score_mse == pytest.approx(np.mean((scores.astype(float) - reference) ** 2))
    assert max(layer.alone.score_mse for layer in analysis.layers) == analysis.ranked()[0].alone.score_mse
    assert abs(analysis.changes[0].change) == pytest.approx(np.abs(scores - reference).max())
    assert analysis.changes[0].smiles == target.smiles[int(np.abs(scores - reference).max(axis=1).argmax())]
    assert all(layer.n_bytes < layer.n_bytes_float for layer in analysis.layers)


def test_results_are_json(analysis, tmp_path):
    write_sensitivity(tmp_path / "out", analysis)
    values = json.loads((tmp_path / "out" / "sensitivity.json").read_text())
    assert values["layers"][0]["alone"]["loss_low"] <= values["layers"][0]["alone"]["loss_high"]
    assert sum(values["sites"][0]["counts"]) > 0


def test_labels_of_one_class_are_measured_without_a_metric(model, target, calibration_of_table):
    on = yardstick(model.network, replace(target, labels=np.ones_like(target.labels)), n_resamples=100)
    found = plain(measure_sensitivity(model, get_scheme("int8"), calibration_of_table, on))
    assert found["baseline"] is None
    json.dumps(found, allow_nan=False)


def test_activations_of_the_calibration_set_lie_within_its_ranges(analysis):
    beyond = {site.layer: site.beyond for site in analysis.sites}
    assert beyond.pop("head.layers.0") is None, "the head takes the range of each row"
    assert beyond.pop("head.layers.1") is None
    assert beyond
    assert all(share < 0.001 for share in beyond.values())


def test_one_call_reads_measures_and_moves(folder, model, calibration_of_table):
    heard = Heard()
    calibset = calibration_of_table.calibset
    found = sensitivity(model, str(folder / "library.smi"), calibset, front=True, progress=heard)
    assert (found.probe.molecules, found.probe.labelled, found.scheme) == (60, False, "int8")
    assert [mix.size_bytes for mix in found.front] == sorted(mix.size_bytes for mix in found.front)
    assert heard.stages == ["molecules", "layers", "layers", "mixes"]
    assert heard.steps["mixes"][-1][0] == heard.steps["mixes"][-1][1]
    assert "front" in plain(found)


def test_mixes_need_a_calibration_set(folder, model):
    with pytest.raises(InputError, match="name it with `calibset`"):
        sensitivity(model, str(folder / "library.smi"), front=True)

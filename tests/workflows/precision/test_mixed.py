from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from heard import Heard
from msgspec.structs import replace as replaced

from molq.errors import InputError
from molq.quant.layers import layer_table
from molq.quant.scheme import SCHEMES
from molq.results.plain import plain
from molq.store.molqfile import load, save
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.precision import mixed
from molq.workflows.precision.mixed import Budget, layer_options, mixed_model, search_mixed


@pytest.fixture(scope="module")
def on(folder, model):
    return yardstick(model.network, read_probe(str(folder / "table.csv"), model, side="valid"), n_resamples=100)


@pytest.fixture(scope="module")
def half(model, calibration_of_table, on):
    return search_mixed(model, calibration_of_table, on, Budget(max_bytes=model.size_bytes * 3 // 5))


def test_the_chosen_file_fits_and_is_what_was_executed(half, model, calibration_of_table, on, tmp_path):
    made = mixed_model(model, calibration_of_table, half.chosen.layers)
    loaded = load(save(tmp_path / "m.molq", made.network, made.card).path)
    assert loaded.size_bytes == half.chosen.size_bytes <= model.size_bytes * 3 // 5
    assert loaded.network.scheme == "mixed"
    assert on.compare(loaded.network) == half.chosen.fidelity
    assert len({row.weights for row in layer_table(loaded.network)}) > 1


def test_no_executed_mix_that_fits_is_better(half, model):
    fitting = [e for e in half.executed if e.size_bytes <= model.size_bytes * 3 // 5]
    assert min(e.fidelity.score_mse for e in fitting) == half.chosen.fidelity.score_mse
    json.dumps(plain(half), allow_nan=False)


def test_a_drop_of_nothing_is_kept(model, calibration_of_table, on):
    found = search_mixed(model, calibration_of_table, on, Budget(max_drop=0.0))
    assert found.chosen.fidelity.loss.value <= 0
    assert found.chosen.size_bytes <= model.size_bytes * 1.1


def test_every_stage_of_a_search_moves_to_its_end(model, calibration_of_table, on):
    heard = Heard()
    found = search_mixed(model, calibration_of_table, on, Budget(max_drop=0.01), progress=heard)
    assert heard.stages == ["layers", "mixes", "search"]
    assert all(heard.steps[stage][-1][0] == heard.steps[stage][-1][1] for stage in ("layers", "mixes"))
    assert len(found.executed) <= len(heard.steps["mixes"]) + len(heard.steps["search"]) + 1


def test_a_size_that_nothing_fits_says_what_would(model, calibration_of_table, on):
    with pytest.raises(InputError, match="the smallest file takes"):
        search_mixed(model, calibration_of_table, on, Budget(max_bytes=1000))


def test_a_drop_needs_labels(folder, model, calibration_of_table):
    library = yardstick(model.network, read_probe(str(folder / "library.smi"), model))
    with pytest.raises(InputError, match="needs labels"):
        search_mixed(model, calibration_of_table, library, Budget(max_drop=0.01))
    found = search_mixed(model, calibration_of_table, library, Budget(max_bytes=model.size_bytes), measure_front=False)
    assert found.chosen.size_bytes <= model.size_bytes
    assert found.chosen.fidelity.loss is None


def test_a_drop_needs_labels_of_both_classes(model, calibration_of_table, on):
    one_class = replace(on, labels=np.ones_like(on.labels))
    with pytest.raises(InputError, match="none that give a roc_auc"):
        search_mixed(model, calibration_of_table, one_class, Budget(max_drop=0.01))


def test_an_observer_of_a_site_holds_where_the_mix_fixes_a_range(model, calibration_of_table, on):
    """Options that spare the layer the pattern names are made too; those that fix its range err otherwise with it."""
    observed = replace(SCHEMES["int8"], site_observers=(("encoder.W_h:*", "headroom"),))
    plain_options = layer_options(model, calibration_of_table, on)
    options = layer_options(model, calibration_of_table, on, observed)
    errors = {name: {o.name: o.error for o in found} for name, found in options.items()}
    usual = {name: {o.name: o.error for o in found} for name, found in plain_options.items()}
    assert errors["encoder.W_h"]["int8"] != usual["encoder.W_h"]["int8"]
    assert errors["encoder.W_o_msg"] == usual["encoder.W_o_msg"]


@pytest.mark.parametrize(
    "budget", [{}, {"max_bytes": 10, "max_drop": 0.1}, {"max_bytes": -1}, {"max_drop": -0.1}, {"max_drop": math.nan}]
)
def test_exactly_one_budget_is_given(budget):
    with pytest.raises(InputError):
        Budget(**budget)


def test_a_wrong_prediction_is_noticed_and_planned_anew(model, calibration_of_table, on, monkeypatch):
    honest = layer_options(model, calibration_of_table, on)
    harm = {name: {o.name: o.error for o in options} for name, options in honest.items()}
    worst = max(harm, key=lambda name: harm[name].get("w4a8", 0.0))
    wrong = honest | {worst: [replaced(o, error=1e-15) if o.name == "w4a8" else o for o in honest[worst]]}
    monkeypatch.setattr(mixed, "layer_options", lambda *_arguments: wrong)
    monkeypatch.setattr(mixed, "TOLERANCE", float("inf"))
    budget = Budget(max_bytes=model.size_bytes * 3 // 5)
    trusting = search_mixed(model, calibration_of_table, on, budget, measure_front=False)
    assert trusting.chosen.layers[worst] == "w4a8"
    monkeypatch.undo()
    monkeypatch.setattr(mixed, "layer_options", lambda *_arguments: wrong)
    found = search_mixed(model, calibration_of_table, on, budget, measure_front=False)
    assert found.chosen.layers[worst] != "w4a8"
    assert found.chosen.fidelity.score_mse < trusting.chosen.fidelity.score_mse / mixed.TOLERANCE
    assert found.chosen.size_bytes <= budget.max_bytes
    assert len(found.executed) > 1

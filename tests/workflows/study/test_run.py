from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from heard import Heard
from sklearn.metrics import roc_auc_score
from small import small_model

from molq.calibset.spec import CalibrationSpec, read_calibset
from molq.data.sources import labelled_set
from molq.engine.engine import Engine
from molq.store.molqfile import load
from molq.training.record import rows_from_text
from molq.workflows.study import variants
from molq.workflows.study.files import result_files
from molq.workflows.study.run import run_study
from molq.workflows.study.settings import DEFAULT_SCHEMES, StudySettings

REQUIRED = {
    *("scheme", "size_bytes", "roc_auc", "roc_auc_low", "roc_auc_high", "delta_auc", "delta_auc_low", "delta_auc_high"),
    *("pr_auc", "ef_1pct", "bedroc_20", "hit_overlap_1pct", "spearman", "mols_per_s"),
}


def settings(folder, model, **changes) -> StudySettings:
    usual = {
        "tasks": tuple(model.network.tasks),
        "model": model,
        "calibration": CalibrationSpec("scaffold", 20),
        "library": str(folder / "library.smi"),
        "n_resamples": 100,
    }
    return StudySettings(str(folder / "table.csv"), **(usual | changes))


@pytest.fixture(scope="module")
def finished(folder, model, tmp_path_factory):
    """The folder of a study with every scheme, and its results.json."""
    out = tmp_path_factory.mktemp("study") / "out"
    run_study(settings(folder, model), out, command="molq study …")
    return out, json.loads((out / "results.json").read_text())


def test_every_scheme_has_every_field_in_json_and_csv(finished):
    out, results = finished
    assert [v["scheme"] for v in results["variants"]] == list(DEFAULT_SCHEMES)
    assert all(set(v) >= REQUIRED for v in results["variants"])
    assert {"split", "calibration", "environment", "statistics", "dataset", "model"} <= set(results)
    with (out / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["roc_auc"]) for row in rows] == [v["roc_auc"] for v in results["variants"]]


def test_sizes_are_those_of_the_files(finished):
    out, results = finished
    for v in results["variants"]:
        assert v["size_bytes"] == (out / v["path"]).stat().st_size
        assert v["size_ratio"] == v["size_bytes"] / results["variants"][0]["size_bytes"]


def test_every_score_is_of_the_loaded_file_on_held_out_molecules(finished, folder, model):
    out, results = finished
    dataset = labelled_set(str(folder / "table.csv"), ["active"])
    with (out / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == results["split"]["test_rows"]
    assert sorted(results["split"]["test_rows"]) == rows_from_text(model.card.training["split"]["test_rows"]).tolist()
    test = dataset.subset(np.flatnonzero(np.isin(dataset.rows, results["split"]["test_rows"])))
    for v in results["variants"]:
        scores = Engine(load(out / v["path"]).network).scores(test.graphs)[:, 0]
        assert np.array_equal(scores, np.array([row[f"{v['scheme']}:active"] for row in rows], np.float32))
        assert v["roc_auc"] == pytest.approx(roc_auc_score(test.labels[:, 0], scores))


def test_no_test_molecule_takes_part_in_calibration(finished, folder, model):
    out, results = finished
    dataset = labelled_set(str(folder / "table.csv"), ["active"])
    held_out = {dataset.smiles[i] for i in np.flatnonzero(np.isin(dataset.rows, results["split"]["test_rows"]))}
    chosen = read_calibset(out / "calibset.csv")
    assert chosen.sha256 == results["calibration"]["sha256"]
    assert len(chosen.smiles) == 20
    assert not held_out & set(chosen.smiles)


def test_the_cards_hold_what_was_measured(finished):
    out, results = finished
    int8 = next(v for v in results["variants"] if v["scheme"] == "int8")
    card = load(out / int8["path"]).card
    assert card.metrics["test_roc_auc"]["value"] == int8["roc_auc"]
    assert card.metrics["test_roc_auc_minus_fp32"]["low"] == int8["delta_auc_low"]
    assert card.calibration["sha256"] == results["calibration"]["sha256"]
    assert card.provenance["quantized_from"]["content_hash"] == results["variants"][0]["content_hash"]


def test_int8_ranges_are_listed_per_call_site(finished):
    layers = {row["name"]: row for v in finished[1]["variants"] if v["scheme"] == "int8" for row in v["layers"]}
    assert len(layers["encoder.W_h"]["ranges"]) == 2
    assert layers["encoder.W_i_atom"]["ranges"] == []


def test_its_files_are_those_that_it_announces(finished):
    out, _ = finished
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert written == set(result_files(DEFAULT_SCHEMES))


def test_the_same_seed_gives_the_same_files_and_numbers(finished, folder, model, tmp_path):
    heard = Heard()
    run_study(settings(folder, model), tmp_path, progress=heard)
    again = json.loads((tmp_path / "results.json").read_text())
    timed = ("mols_per_s", "speedup", "speedup_low", "speedup_high")
    for mine, theirs in zip(again["variants"], finished[1]["variants"], strict=True):
        assert {k: v for k, v in mine.items() if k not in timed} == {k: v for k, v in theirs.items() if k not in timed}
        assert (tmp_path / mine["path"]).read_bytes() == (finished[0] / mine["path"]).read_bytes()
    assert heard.stages[0] == "load"
    assert heard.stages[-1] == "speed"


def test_a_model_that_scores_otherwise_once_saved_stops_the_study(folder, model, tmp_path, monkeypatch):
    def damaged(path):
        loaded = load(path)
        loaded.network.head.layers[-1].bias.data += 0.1
        return loaded

    monkeypatch.setattr(variants, "load", damaged)
    with pytest.raises(AssertionError, match="does not score as the model it was saved from"):
        run_study(settings(folder, model, schemes=()), tmp_path)


def test_regression_has_errors_in_place_of_areas(folder, tmp_path):
    small = small_model(folder, "regression", name="r")
    spec = CalibrationSpec("activation", 20)
    study = run_study(settings(folder, small, schemes=("int8",), margin=None, calibration=spec), tmp_path)
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["calibration"]["strategy"] == "activation"
    names = {"rmse", "rmse_low", "delta_rmse_high", "mae", "r2", "label_spearman", "spearman", "verdict"}
    assert names <= set(results["variants"][1])
    assert "roc_auc" not in results["variants"][1]
    labels = labelled_set(str(folder / "table.csv"), ["potency"]).labels
    trained_on = np.setdiff1d(
        np.arange(len(labels)),
        [*results["split"]["test_rows"], *rows_from_text(small.card.training["split"]["valid_rows"])],
    )
    assert study.statistics.margin == pytest.approx(0.01 * labels[trained_on].std(), rel=1e-5)


@pytest.mark.parametrize("architecture", ["gine", "attentivefp"])
def test_other_architectures_take_the_same_road(folder, tmp_path, architecture):
    small = small_model(folder, architecture=architecture, name=f"study-{architecture}")
    study = run_study(settings(folder, small, schemes=("int8",)), tmp_path)
    assert study.variants[1].size_ratio < 0.8
    assert study.variants[1].library_agreement.spearman > 0.95

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import molq
from molq.data.labels import read_labelled
from molq.errors import InputError
from molq.metrics.ranking import roc_auc
from molq.results.shown import as_html


@pytest.fixture(scope="module")
def table(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "table.csv")


def test_metrics_are_of_the_predicted_scores_on_molecules_not_trained_on(classifier: molq.Model, folder: Path) -> None:
    found = molq.evaluate(classifier, folder / "table.csv", resamples=100)
    labelled = read_labelled(folder / "table.csv", tasks=["active"])
    assert found.dataset.molecules == 32
    all_of_them = molq.evaluate(classifier, folder / "table.csv", all_rows=True, resamples=100)
    assert all_of_them.dataset.molecules == len(labelled)
    expected = roc_auc(labelled.labels[:, 0], classifier.predict(labelled.smiles))
    assert all_of_them.models[0].accuracy.metrics["roc_auc"].value == pytest.approx(expected, abs=1e-12)


def test_compare_is_evaluate() -> None:
    assert molq.compare is molq.evaluate


def test_models_are_named_in_any_way(classifier: molq.Model, folder: Path, tmp_path: Path) -> None:
    small = classifier.quantize("int8-dynamic")
    path = small.save(tmp_path / "small.molq")
    found = molq.compare([classifier, small, path, str(path)], folder / "table.csv", resamples=100)
    assert [model.scheme for model in found.models] == ["fp32", "int8-dynamic", "int8-dynamic", "int8-dynamic"]
    assert found.models[1].path == "m"
    assert found.models[2].path == str(path)
    assert found.models[1].accuracy == found.models[2].accuracy
    with pytest.raises(InputError, match="no model given"):
        molq.compare([], folder / "table.csv")


def test_a_frame_is_data_and_its_gaps_are_no_error(classifier: molq.Model, table: pd.DataFrame) -> None:
    holes = table.assign(active=table.active.where(table.index % 5 > 0))
    assert holes.active.isna().sum() == 32
    found = molq.evaluate(classifier, holes, resamples=100)
    assert (found.dataset.name, found.dataset.molecules) == ("DataFrame", 160)
    assert found.dataset.unknown
    labels, scores = holes.active.to_numpy(), classifier.predict(table.smiles).to_numpy()
    known = ~np.isnan(labels)
    assert found.models[0].accuracy.metrics["roc_auc"].value == pytest.approx(roc_auc(labels[known], scores[known]))
    with pytest.raises(InputError, match=r"^DataFrame: no column 'active'"):
        molq.evaluate(classifier, table.drop(columns="active"))


def test_a_model_trained_on_a_frame_knows_which_molecules_it_saw(table: pd.DataFrame) -> None:
    model = molq.train(table, tasks=["active"], d_h=16, epochs=1, split="random", fractions=(0.6, 0.2, 0.2))
    found = molq.evaluate(model, table.assign(score=model.predict(table.smiles)), resamples=100)
    assert (found.dataset.molecules, found.dataset.side, found.dataset.unknown) == (32, "test", ())


def test_it_draws_itself(classifier: molq.Model, folder: Path) -> None:
    found = molq.compare([classifier, classifier.quantize("fp16")], folder / "table.csv", resamples=100)
    assert "fp16" in repr(found)
    assert max(map(len, repr(found).splitlines())) <= 80
    assert "<table" in (as_html(found) or "")

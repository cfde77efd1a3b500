from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs
from sklearn.metrics import roc_auc_score

from molq.data.sources import labelled_set
from molq.errors import InputError
from molq.quant.scheme import get_scheme
from molq.results.plain import plain
from molq.store.molqfile import save
from molq.training.record import recorded_split
from molq.workflows.compare.comparison import compare, counted_rows
from molq.workflows.precision.quantized import quantize_loaded


@pytest.fixture(scope="module")
def dataset(folder):
    return labelled_set(str(folder / "table.csv"), ["active"])


@pytest.fixture(scope="module")
def half(model, tmp_path_factory):
    made = quantize_loaded(model, get_scheme("bf16"))
    return save(tmp_path_factory.mktemp("half") / "half.molq", made.network, made.card)


def test_only_held_out_molecules_count(dataset, model, half):
    split = recorded_split(model.card.training, dataset)
    assert np.array_equal(counted_rows([model, half], dataset).places, split.test)
    assert np.array_equal(counted_rows([model], dataset, "valid").places, split.valid)
    assert len(counted_rows([model], dataset, None).places) == len(dataset)


def test_two_splits_leave_what_both_models_never_saw(dataset, model):
    split = recorded_split(model.card.training, dataset)
    shifted = dataset.rows[np.r_[split.test[:5], split.train[:5]]].tolist()
    training = {**model.card.training, "split": {**model.card.training["split"], "test_rows": shifted}}
    other = model._replace(card=structs.replace(model.card, training=training))
    assert np.array_equal(counted_rows([model, other], dataset).places, split.test[:5])


def test_nothing_left_is_an_error_that_names_the_way_out(dataset, model):
    training = {**model.card.training, "split": {**model.card.training["split"], "test_rows": []}}
    other = model._replace(card=structs.replace(model.card, training=training))
    with pytest.raises(InputError, match="`all_rows`"):
        counted_rows([model, other], dataset)


def test_a_model_of_unknown_training_is_named(dataset, model):
    foreign = model._replace(card=structs.replace(model.card, training=None))
    rows = counted_rows([foreign], dataset)
    assert len(rows.places) == len(dataset)
    assert rows.unknown == (str(model.path),)


def test_models_are_compared_with_the_first(dataset, model, half):
    found = plain(compare([model, half], dataset, n_resamples=100))
    first, second = found["models"]
    assert first["verdict"] is None
    assert second["verdict"] in ("non-inferior", "inconclusive", "inferior")
    assert second["delta_auc"] == pytest.approx(second["roc_auc"] - first["roc_auc"])
    assert first["spearman"] == 1.0
    assert (second["scheme"], second["size_bytes"]) == ("bf16", half.size_bytes)
    assert first["per_task"]["active"]["roc_auc"] == first["roc_auc"]


def test_scores_follow_the_tasks_of_the_labels(folder, model):
    two = labelled_set(str(folder / "table.csv"), ["active"])
    renamed = replace(two, tasks=("other",))
    with pytest.raises(InputError, match="does not predict 'other'; its tasks are active"):
        compare([model], renamed)
    with pytest.raises(InputError, match="classification model"):
        compare([model], replace(two, kind="regression"))
    from molq.engine.engine import Engine

    expected = roc_auc_score(two.labels[:, 0], Engine(model.network).scores(two.graphs)[:, 0])
    (found,) = compare([model], two, side=None, n_resamples=100).models
    assert found.accuracy.metrics["roc_auc"].value == pytest.approx(expected)

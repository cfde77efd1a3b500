from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs

from molq.chem.featurize import featurize
from molq.data.sources import labelled_set
from molq.engine import all_scores
from molq.engine.engine import Engine
from molq.metrics.ranking import roc_auc
from molq.nn.judged import judge
from molq.results.speed import Throughput
from molq.store.card import Card
from molq.store.molqfile import load
from molq.workflows.precision.quantized import QuantizedModel
from molq.workflows.study.hit_library import HitLibrary
from molq.workflows.study.variants import Bench, MadeVariant, make_reference, make_variant


@pytest.fixture(scope="module")
def bench(folder, model) -> Bench:
    test = labelled_set(str(folder / "table.csv"), ["active"]).subset(np.arange(60))
    smiles = (folder / "library.smi").read_text().split()
    library = HitLibrary("library", len(smiles), 0, smiles, featurize(smiles).graphs)
    return Bench(test, judge(model.network), library, margin=0.02, n_resamples=50, seed=3)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    out = tmp_path_factory.mktemp("study")
    (out / "models").mkdir()
    return out


@pytest.fixture(scope="module")
def reference(model, bench, out) -> MadeVariant:
    card = structs.replace(model.card, metrics={"mine": 1.0})
    return make_reference(QuantizedModel(model.network, card), bench, out)


@pytest.fixture(scope="module")
def int8(calibration_of_table, bench, out, reference) -> MadeVariant:
    return make_variant("int8", "mse", calibration_of_table, bench, out, reference)


def test_a_variant_is_what_its_file_scores(reference, int8, bench, out):
    for made in (reference, int8):
        assert made.path == f"models/{made.scheme}.molq"
        loaded = load(out / made.path)
        assert loaded.content_hash == made.loaded.content_hash
        assert np.array_equal(Engine(loaded.network).scores(bench.test.graphs), made.scores)
        assert np.array_equal(Engine(loaded.network).scores(bench.library.graphs), made.library_scores)
        value = made.accuracy.metrics["roc_auc"].value
        assert value == pytest.approx(roc_auc(bench.test.labels[:, 0], made.scores[:, 0]))
        assert loaded.card.metrics["test_roc_auc"]["value"] == pytest.approx(value)
        assert made.size_ratio == loaded.size_bytes / reference.loaded.size_bytes
    assert int8.size_ratio < 0.6 < reference.size_ratio == 1.0


def test_the_reference_is_compared_with_nothing_and_variants_with_it(reference, int8):
    assert reference.accuracy.differences == {}
    assert reference.agreement.spearman == reference.agreement.hit_overlap_1pct == 1.0
    assert reference.agreement.max_score_change == 0.0
    assert int8.accuracy.differences["roc_auc"].value == pytest.approx(
        int8.accuracy.metrics["roc_auc"].value - reference.accuracy.metrics["roc_auc"].value
    )
    change = np.abs(int8.scores - reference.scores).max()
    assert int8.agreement.max_score_change == pytest.approx(change)
    assert int8.library_agreement.max_score_change == pytest.approx(
        np.abs(int8.library_scores - reference.library_scores).max()
    )
    assert 0 < change < 0.2


def test_the_molecules_that_moved_farthest_are_those_of_the_largest_change(reference, int8, bench):
    assert reference.changes == reference.library_changes == ()
    assert abs(int8.changes[0].change) == pytest.approx(int8.agreement.max_score_change)
    assert abs(int8.library_changes[0].change) == pytest.approx(int8.library_agreement.max_score_change)
    assert int8.changes[0].smiles in bench.test.smiles
    assert int8.changes[0].label == bench.test.labels[bench.test.smiles.index(int8.changes[0].smiles), 0]
    assert int8.library_changes[0].smiles in bench.library.smiles
    assert int8.library_changes[0].label is None


def test_a_card_keeps_its_other_metrics_and_names_the_treatment(reference, int8):
    assert reference.loaded.card.metrics["mine"] == 1.0
    assert reference.loaded.network.scheme == "fp32"
    assert int8.loaded.network.scheme == "int8"
    assert "mse" in str(int8.loaded.card.provenance) + str(int8.loaded.card.calibration)


def test_the_finished_variant_says_all_that_was_measured(reference, int8, bench):
    speed = Throughput(*[1.0] * len(Throughput.__struct_fields__))
    variant = int8.timed(speed, bench)
    assert (variant.scheme, variant.throughput) == ("int8", speed)
    assert (variant.accuracy, variant.agreement) == (int8.accuracy, int8.agreement)
    assert variant.size_bytes == int8.loaded.path.stat().st_size
    assert variant.per_task["active"]["roc_auc"] == pytest.approx(int8.accuracy.metrics["roc_auc"].value)
    assert {layer.weights for layer in variant.layers} == {"int8"}
    (curve,) = variant.curves
    assert (curve.task, curve.actives[-1]) == ("active", np.nansum(bench.labels))
    assert variant.predicted == ()


def test_a_file_that_scores_otherwise_stops_the_study(model, bench, tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    other = np.random.default_rng(0)

    class Fickle(Engine):
        def scores(self, graphs):
            return super().scores(graphs) + other.normal()

    monkeypatch.setattr(all_scores, "Engine", Fickle)
    with pytest.raises(AssertionError, match="does not score as the model it was saved from"):
        make_reference(QuantizedModel(model.network, Card("m")), bench, tmp_path)

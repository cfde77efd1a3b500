"""Quantization-aware training of a small model whose weights were cut to 2 bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from msgspec import structs
from small import small_model

from molq.chem.packed import take
from molq.data.sources import labelled_set
from molq.engine.engine import Engine
from molq.errors import UnsupportedError
from molq.metrics.ranking import spearman
from molq.nn.ensemble import from_members
from molq.quant.scheme import get_scheme
from molq.store.molqfile import load, save
from molq.training.record import recorded_split
from molq.workflows.precision.quantized import quantize_loaded
from molq.workflows.tuning.fine_tune import fine_tune, tuning_molecules, tuning_of, tuning_settings

SCHEME = replace(get_scheme("w2a8"), rounding="nearest", equalize=False, bias_correction=False)
SETTINGS = structs.replace(tuning_settings(6, learning_rate=1e-3), batch_size=16)


@pytest.fixture(scope="module")
def lessons(folder, model):
    return tuning_molecules(str(folder / "table.csv"), model)


@pytest.fixture(scope="module")
def quantized(model, calibration_of_table):
    return quantize_loaded(model, SCHEME, calibration_of_table)


@pytest.fixture(scope="module")
def tuned(model, quantized, lessons):
    return fine_tune(model, quantized, lessons, SETTINGS)


def logits(model, graphs):
    p = np.clip(Engine(model).scores(graphs)[:, 0].astype(np.float64), 1e-7, 1 - 1e-7)
    return np.log(p / (1 - p))


def test_a_part_of_the_loss_is_recovered_on_molecules_it_never_saw(folder, model, quantized, tuned):
    dataset = labelled_set(str(folder / "table.csv"), model.network.tasks)
    test = take(dataset.graphs, recorded_split(model.card.training, dataset).test)
    exact, before, after = (logits(m, test) for m in (model.network, quantized.network, tuned.made.network))
    assert ((after - exact) ** 2).mean() < 0.5 * ((before - exact) ** 2).mean()
    assert spearman(exact, after) > spearman(exact, before)
    assert not tuned.tuning.kept_as_it_was


def test_only_training_and_validation_molecules_are_used(folder, model, lessons):
    dataset = labelled_set(str(folder / "table.csv"), model.network.tasks)
    split = recorded_split(model.card.training, dataset)
    assert np.array_equal(lessons.train, split.train)
    assert np.array_equal(lessons.valid, split.valid)


def test_the_error_stated_is_that_of_the_executed_file(model, lessons, tuned, tmp_path):
    save(tmp_path / "q.molq", tuned.made.network, tuned.made.card)
    loaded = load(tmp_path / "q.molq")
    exact = logits(model.network, lessons.graphs)
    spread = exact[lessons.train].std()
    executed = logits(loaded.network, lessons.graphs)
    error = np.sqrt((((executed - exact)[lessons.valid] / spread) ** 2).mean())
    assert tuning_of(loaded.card) == tuned.tuning
    (member,) = tuned.tuning.members
    assert member.error_after == pytest.approx(error, rel=0.02)
    assert member.error_after < member.error_before
    assert 1 <= member.best_epoch <= 6
    assert loaded.network.scheme == "w2a8"


def test_same_seed_same_integers(model, quantized, lessons, tuned):
    again = fine_tune(model, quantized, lessons, SETTINGS).made.network.state_dict()
    other = fine_tune(model, quantized, lessons, structs.replace(SETTINGS, seed=1)).made.network.state_dict()
    first = tuned.made.network.state_dict()
    assert all(torch.equal(again[name], value) for name, value in first.items())
    assert not all(torch.equal(other[name], value) for name, value in first.items())


def test_a_model_that_gets_no_nearer_is_kept(model, quantized, lessons):
    wild = fine_tune(model, quantized, lessons, structs.replace(SETTINGS, epochs=1, init_lr=3.0, max_lr=3.0))
    assert wild.tuning.kept_as_it_was
    assert wild.made.network is quantized.network
    (member,) = wild.tuning.members
    assert member.error_after == member.error_before


def test_molecules_without_labels_serve_too(folder, model, quantized):
    library = tuning_molecules(str(folder / "library.smi"), model)
    assert (len(library.train), len(library.valid)) == (54, 6)
    done = fine_tune(model, quantized, library, structs.replace(SETTINGS, epochs=2))
    assert not done.tuning.kept_as_it_was
    assert done.tuning.members[0].metric_after is None


def test_every_member_of_an_ensemble_imitates_its_own(folder, model, calibration_of_table, lessons):
    other = small_model(folder, architecture="dmpnn", name="other")
    pair = replace_model(model, from_members([*model.network.members, *other.network.members]))
    done = fine_tune(
        pair, quantize_loaded(pair, SCHEME, calibration_of_table), lessons, structs.replace(SETTINGS, epochs=1)
    )
    assert len(done.tuning.members) == len(done.made.network.members) == 2


@pytest.mark.parametrize("architecture", ["gine", "attentivefp"])
def test_other_networks_learn_too(folder, architecture, calibration_of_table):
    source = small_model(folder, architecture=architecture, name=architecture)
    made = quantize_loaded(source, SCHEME, calibration_of_table)
    done = fine_tune(
        source, made, tuning_molecules(str(folder / "table.csv"), source), structs.replace(SETTINGS, epochs=3)
    )
    assert done.tuning.members[0].error_after < 0.9 * done.tuning.members[0].error_before


def test_nothing_to_learn_without_integers(model, lessons):
    with pytest.raises(UnsupportedError, match="no integer weights"):
        fine_tune(model, quantize_loaded(model, get_scheme("fp16")), lessons, SETTINGS)


def replace_model(loaded, model):
    return loaded._replace(network=model)

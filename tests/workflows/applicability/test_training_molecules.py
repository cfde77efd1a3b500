from __future__ import annotations

import pytest
from msgspec.structs import replace

from molq.chem.recipe import PLAIN
from molq.data.labels import load_dataset
from molq.errors import InputError
from molq.face.bundled import model_path
from molq.store.molqfile import load
from molq.training.record import recorded_split
from molq.workflows.applicability import training_molecules as module
from molq.workflows.applicability.training_molecules import reference_of, reference_of_card


def test_what_does_not_parse_is_left_out():
    found = reference_of(["CCO", "c1cc", "", "[Na+].[Cl-]", "C" * 2000], "list.csv", PLAIN)
    assert found.smiles == ["CCO", "[Na+].[Cl-]"]
    assert found.fingerprints.shape == (2, 256)
    assert found.name == "list.csv: 2 molecules"


@pytest.mark.parametrize("smiles", [[], [""], ["c1cc", "not a molecule", "\0"]])
def test_a_reference_of_no_molecule_is_refused(smiles):
    with pytest.raises(InputError, match=rf"train.csv: none of its {len(smiles)} rows is a molecule"):
        reference_of(smiles, "train.csv", PLAIN)


def test_of_too_many_molecules_some_are_drawn(monkeypatch):
    monkeypatch.setattr(module, "MAX_REFERENCE", 20)
    smiles = load_dataset("esol").smiles[:60]
    found = reference_of(smiles, "esol", PLAIN)
    assert found.name == "esol: 20 of 60 molecules"
    assert found.smiles == reference_of(smiles, "esol", PLAIN).smiles
    assert set(found.smiles) < set(smiles)


def test_the_card_of_a_bundled_model_says_what_it_was_trained_on():
    model = load(model_path("esol-dmpnn"))
    esol = load_dataset("esol")
    split = recorded_split(model.card.training, esol)
    found = reference_of_card(model)
    assert found.smiles == [esol.smiles[i] for i in split.train]
    assert found.name == "the 902 training molecules of esol"


def test_a_card_that_names_other_molecules_tells_nothing():
    model = load(model_path("esol-dmpnn"))
    training = model.card.training
    for changed in (
        None,
        {**training, "dataset": "other.csv"},
        {**training, "dataset": ["esol"]},
        {**training, "dataset_sha256": "0" * 64},
        {**training, "molecules": 7},
        {},
    ):
        assert reference_of_card(model._replace(card=replace(model.card, training=changed))) is None


def test_nothing_is_downloaded(monkeypatch, tmp_path):
    monkeypatch.setenv("MOLQ_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model = load(model_path("esol-dmpnn"))
    from molq.data.registry import dataset_info

    training = {**model.card.training, "dataset": "tox21", "dataset_sha256": dataset_info("tox21").sha256}
    assert reference_of_card(model._replace(card=replace(model.card, training=training))) is None

from __future__ import annotations

import numpy as np
import pytest
from msgspec import UNSET
from msgspec.structs import replace

from molq.chem.fingerprints import packed_morgan_fingerprints
from molq.data.labels import load_dataset, read_labelled
from molq.data.locate import locate
from molq.data.splits import make_split
from molq.engine.environment_set import atom_environments
from molq.errors import ModelFileError
from molq.quant.scheme import get_scheme
from molq.store.molqfile import decode, encode
from molq.workflows.applicability import remembered as module
from molq.workflows.applicability.remembered import recalled, to_remember, training_set
from molq.workflows.applicability.training_molecules import N_BITS, RADIUS
from molq.workflows.precision.quantized import quantize_loaded


def test_what_is_recalled_are_the_fingerprints_and_environments_trained_on(small_data, ensemble):
    labelled, split = small_data
    found = recalled(ensemble.card.training_set, "pair")
    expected = packed_morgan_fingerprints([labelled.smiles[i] for i in split.train], n_bits=N_BITS)
    assert {row.tobytes() for row in found.fingerprints} == {row.tobytes() for row in expected}
    assert found.environments.holds(atom_environments(labelled.subset(split.train).graphs, RADIUS)).all()
    held_out = labelled.subset(split.test).graphs
    assert not found.environments.holds(atom_environments(held_out, RADIUS)).all()
    assert found.name == "the 96 training molecules that pair remembers"
    assert found.smiles is None


def test_no_smiles_travel(small_data, ensemble):
    blob = encode(ensemble.network, ensemble.card)
    assert not any(smiles.encode() in blob for smiles in small_data.labelled.smiles if len(smiles) > 8)


def test_the_same_molecules_give_the_same_bytes_and_few_of_them():
    bace = load_dataset("bace")
    made = training_set(bace.smiles, bace.graphs)
    assert made.n_bytes < 40_000  # Morgan fingerprints of 2048 bits as they are would be 387,328
    part = bace.subset(np.arange(200))
    turned = bace.subset(np.arange(200)[::-1])
    assert training_set(part.smiles, part.graphs) == training_set(turned.smiles, turned.graphs)


def test_quantizing_carries_it_over(ensemble):
    made = quantize_loaded(ensemble, get_scheme("int8-dynamic"))
    assert decode(encode(made.network, made.card), "q").card.training_set == ensemble.card.training_set


def test_of_too_many_molecules_some_are_drawn_for_their_fingerprints_and_all_environments_count(monkeypatch):
    monkeypatch.setattr(module, "MAX_FINGERPRINTS", 50)
    esol = load_dataset("esol").subset(np.arange(120))
    made = training_set(esol.smiles, esol.graphs)
    assert (made.molecules, made.described) == (120, 50)
    assert made.fingerprints <= 50
    assert made == training_set(esol.smiles, esol.graphs)
    found = recalled(made, "m")
    assert found.name == "the 120 training molecules that m remembers, 50 of them drawn"
    assert found.environments.holds(atom_environments(esol.graphs, RADIUS)).all()


def test_molecules_that_come_with_molq_are_not_remembered_again(tmp_path):
    esol = load_dataset("esol")
    split = make_split(esol.smiles, "random")
    assert to_remember(esol, split) is UNSET
    copy = tmp_path / "esol.csv.gz"
    copy.write_bytes(locate("esol").read_bytes())
    task = "measured log solubility in mols per litre"
    fewer = read_labelled(copy, tasks=[task], smiles_column="smiles", duplicates="mean")
    assert len(fewer) < len(esol)
    assert to_remember(fewer, make_split(fewer.smiles, "random")) is not UNSET


def test_bytes_that_are_no_training_set_are_refused_where_they_are_read(ensemble):
    known = ensemble.card.training_set
    with pytest.raises(ModelFileError, match="pair: what it remembers of its training set cannot be read"):
        recalled(replace(known, data=bytes(len(known.data))), "pair")

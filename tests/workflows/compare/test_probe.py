from __future__ import annotations

from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe


def test_labelled_molecules_are_those_the_model_never_saw(folder, model):
    target = read_probe(str(folder / "table.csv"), model)
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

import re

import numpy as np
import pytest
import torch
from chemprop import models
from chemprop_networks import network, v1_content

import molq
from molq.errors import CheckpointError
from molq.interop import verification
from molq.interop.peer import verification_smiles
from molq.interop.sources import import_model
from molq.interop.verification import unverified, verified

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning")


@pytest.fixture
def files(tmp_path):
    """Two members whose tasks stand in different orders."""
    paths = [tmp_path / "1.pt", tmp_path / "2.pt"]
    for i, (path, tasks) in enumerate(zip(paths, (["a", "b"], ["b", "a"]), strict=True)):
        models.save_model(path, network(seed=i), tasks)
    return paths


@pytest.fixture
def peers(monkeypatch, files):
    """Stands in for chemprop: the scores of each file in its own order, and ``changed`` what to add to them."""
    smiles = verification_smiles()
    scores = np.stack([molq.import_checkpoint(path).predict(smiles) for path in files]).astype(np.float64)
    changed = np.zeros_like(scores)
    monkeypatch.setattr(verification, "peer_scores", lambda paths, config, smiles: (scores + changed)[: len(paths)])
    monkeypatch.setattr(verification, "peer_version", lambda: "2.9")
    return changed


def scores_of(files):
    return molq.import_checkpoint(files).predict(verification_smiles())


def test_the_mean_of_the_members_is_compared_task_by_task(files, peers):
    said = verified(import_model(files), scores_of(files))
    assert "chemprop 2.9 gives the same scores of 100 molecules: largest difference " in said
    spread = np.ptp(scores_of(files)[:, 1])
    peers[0, 7, 1] += 1e-4 * spread  # in the first file b is the second task
    said = verified(import_model(files), scores_of(files))
    share = float(re.search(r", (\S+) of the spread \(b\)$", said)[1])
    assert share == pytest.approx(5e-5, rel=0.1)  # chemprop's own float32 differs a little from ours


def test_other_scores_than_chemprops_are_an_error_that_names_the_molecule(files, peers):
    peers[1, 4, 0] += 1.0  # in the second file b is the first task
    with pytest.raises(CheckpointError) as caught:
        verified(import_model(files), scores_of(files))
    smiles = verification_smiles()[4]
    assert f"not those of chemprop 2.9: for b of {smiles} it gives" in str(caught.value)
    peers[1, 4, 0] = np.nan
    with pytest.raises(CheckpointError, match="not those of chemprop"):
        verified(import_model(files), scores_of(files))


def test_a_molecule_to_which_neither_gives_a_number_is_no_difference(files, peers):
    """Descriptors of large molecules exceed float32, and chemprop then predicts infinities."""
    found = scores_of(files)
    found[4] = np.nan
    peers[:, 4] = np.inf
    assert "gives the same scores of 100 molecules" in verified(import_model(files), found)


def test_what_could_not_be_compared_is_said(files, peers, monkeypatch):
    imported, scores = import_model(files), scores_of(files)
    assert unverified(imported).endswith("not compared with chemprop's own scores (molq import --verify does)")

    def fails(*_):
        raise CheckpointError("chemprop itself fails on it: KeyError")

    monkeypatch.setattr(verification, "peer_scores", fails)
    assert verified(imported, scores).endswith("chemprop 2.9: chemprop itself fails on it: KeyError")
    monkeypatch.setattr(verification, "peer_version", lambda: None)
    assert "not installed: `pip install 'chemprop>=2.1'`" in verified(imported, scores)


def test_files_of_chemprop_1_are_said_to_be_beyond_chemprop_2(tmp_path):
    torch.save(v1_content(network(feature_set="V1")), tmp_path / "model.pt")
    model = molq.import_checkpoint(tmp_path / "model.pt", verify=True)
    assert model.card.provenance["imported_from"] == "chemprop 1"
    assert "chemprop 2 does not read model.pt" in model.card.provenance["checked"]
    assert unverified(import_model([tmp_path / "model.pt"])) == model.card.provenance["checked"]


def test_an_import_that_was_verified_says_so_on_its_card(files, peers):
    model = molq.import_checkpoint(files, ["x", "y"], verify=True, name="m")
    assert "the same scores of 100 molecules" in model.card.provenance["checked"]
    assert (model.name, model.tasks) == ("m", ("x", "y"))
    np.testing.assert_array_equal(model.predict(["CCO"]), molq.import_checkpoint(files).predict(["CCO"]))

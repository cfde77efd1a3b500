import sys

import numpy as np
import pytest

import molq
from molq.chem.featurize import featurize
from molq.chem.recipe import Recipe
from molq.engine.engine import Engine
from molq.errors import CheckpointError
from molq.interop import peer
from molq.interop.checkpoint import read_checkpoint
from molq.interop.peer import peer_scores, peer_version, verification_smiles
from molq.nn.config import PredictorConfig, default_config

CONFIG = PredictorConfig(
    "dmpnn", ("a", "b"), "regression", feature_set="V1", recipe=Recipe(hydrogens="kept+explicit", ignore_stereo=True)
)


def test_the_molecules_are_a_hundred_that_molq_reads_and_that_differ():
    smiles = verification_smiles()
    assert len(set(smiles)) == len(smiles) == 100
    assert np.isfinite(molq.load("esol-dmpnn").predict(smiles)).all()
    for kind in ("@@", "/", "[H]", "+]", "-]", ".", "Se", "#", "c1", "P", "I"):
        assert any(kind in text for text in smiles), kind


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_chemprop_scores_every_file_in_its_own_columns(tmp_path):
    from chemprop import models
    from chemprop_networks import network

    paths = [tmp_path / "1.pt", tmp_path / "a name, 2.pt"]
    for i, path in enumerate(paths):
        models.save_model(path, network(feature_set="V1", seed=i), ["a", "b"])
    smiles = verification_smiles()[:12]
    found = peer_scores(paths, CONFIG, smiles)
    assert found.shape == (2, 12, 2)
    for i, path in enumerate(paths):
        predictor = read_checkpoint(path).predictor
        expected = Engine(predictor).scores(featurize(smiles, recipe=CONFIG.recipe).graphs)
        np.testing.assert_allclose(found[i], expected, rtol=0, atol=1e-5 * np.ptp(expected))


def ending(monkeypatch, code):
    """Lets a process run this code where chemprop would."""
    monkeypatch.setattr(peer, "_RUN", code)


def test_what_chemprop_says_last_is_told_when_it_fails(monkeypatch, tmp_path):
    ending(monkeypatch, "import sys; print('many\\nlines\\nValueError: no such head\\n', file=sys.stderr); sys.exit(1)")
    with pytest.raises(CheckpointError, match=r"^chemprop itself fails on it: ValueError: no such head$"):
        peer_scores([tmp_path / "m.pt"], CONFIG, ["C"])
    ending(monkeypatch, "import sys; sys.exit(3)")
    with pytest.raises(CheckpointError, match="it said nothing"):
        peer_scores([tmp_path / "m.pt"], CONFIG, ["C"])


WRITE = "import sys, pathlib; pathlib.Path(sys.argv[sys.argv.index('-o') + 1]).write_text({!r})"


@pytest.mark.parametrize("text", ["", "smiles,a,b\n", "smiles,a,b\nC,1,x\n", "smiles,a\nC,1\nCC,2\nCCC,3\n"])
def test_a_table_that_is_not_chemprops_is_no_score(monkeypatch, tmp_path, text):
    ending(monkeypatch, WRITE.format(text))
    with pytest.raises(CheckpointError, match="what chemprop wrote is not understood"):
        peer_scores([tmp_path / "m.pt"], CONFIG, ["C", "CC"])


def test_a_cell_may_hold_a_number_for_each_class(monkeypatch, tmp_path):
    ending(monkeypatch, WRITE.format('smiles,a,b,a_prob,b_prob\nC,0,1,"0.75,0.25","0.5,0.5"\n'))
    assert peer_scores([tmp_path / "m.pt"], CONFIG, ["C"]).tolist() == [[[0.75, 0.25, 0.5, 0.5]]]


def test_without_chemprop_there_is_no_version(monkeypatch):
    assert peer_version() is not None
    monkeypatch.setattr(sys, "path", [])
    assert peer_version() is None


def test_chemprop_is_told_the_molecule_features_of_the_recipe():
    recipe = Recipe(hydrogens="explicit", molecule_features=("charge", "morgan_count"))
    options = peer._options(default_config("dmpnn", ("a",), "regression", recipe=recipe, extras=2049))
    assert options[-4:] == ["--add-h", "--molecule-featurizers", "charge", "morgan_count"]
    assert "--molecule-featurizers" not in peer._options(default_config("dmpnn", ("a",), "regression"))

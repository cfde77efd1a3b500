import shutil

import pytest
from heard import Heard

from molq.errors import CheckpointError
from molq.interop.sources import checkpoint_paths, import_model
from molq.nn.ensemble import Ensemble
from molq.nn.predictor import Predictor

pytest.importorskip("chemprop")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from chemprop import models, nn

    folder = tmp_path_factory.mktemp("models")
    for i, head in enumerate([nn.RegressionFFN, nn.RegressionFFN, nn.BinaryClassificationFFN]):
        model = models.MPNN(nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), head(input_dim=8, hidden_dim=8))
        (folder / f"model_{i}").mkdir()
        models.save_model(folder / f"model_{i}" / "best.pt", model, ["y"])
    return folder


def test_one_file_is_a_predictor_and_two_an_ensemble(folder):
    first, second = folder / "model_0" / "best.pt", folder / "model_1" / "best.pt"
    assert isinstance(import_model([first]).network, Predictor)
    model, provenance, files = import_model([first, str(second)], ["z"])
    assert isinstance(model, Ensemble)
    assert (len(model.members), model.tasks) == (2, ("z",))
    assert [file["name"] for file in provenance["files"]] == ["best.pt", "best.pt"]
    assert provenance["imported_from"] == "chemprop 2"
    assert [(checkpoint.path, places) for checkpoint, places in files] == [(first, [0]), (second, [0])]


def test_a_directory_is_an_ensemble_of_its_model_files(folder, tmp_path):
    for i in (0, 1):
        shutil.copytree(folder / f"model_{i}", tmp_path / f"model_{i}")
        (tmp_path / f"model_{i}" / "checkpoints").mkdir()
        shutil.copy(folder / "model_0" / "best.pt", tmp_path / f"model_{i}" / "checkpoints" / "best-epoch=3.ckpt")
    heard = Heard()
    model = import_model([tmp_path], progress=heard).network
    assert len(model.members) == 2
    assert heard.steps[""] == [(1, 2), (2, 2)]


def test_a_directory_of_lightning_checkpoints_leaves_out_the_last(tmp_path):
    for name in ("b.ckpt", "a.ckpt", "last.ckpt"):
        (tmp_path / name).touch()
    assert [path.name for path in checkpoint_paths([tmp_path])] == ["a.ckpt", "b.ckpt"]


def test_a_last_epoch_counts_where_there_is_no_best_one(tmp_path):
    for place in ("a/last.ckpt", "b/best.ckpt", "b/last.ckpt", "b/last-v1.ckpt", "c/last-v1.ckpt"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in checkpoint_paths([tmp_path])]
    assert found == ["a/last.ckpt", "b/best.ckpt", "c/last-v1.ckpt"]


def test_refusals(folder, tmp_path):
    with pytest.raises(CheckpointError, match=r"no \.pt and no \.ckpt"):
        import_model([tmp_path])
    with pytest.raises(CheckpointError, match="no such file"):
        import_model([tmp_path / "absent.pt"])
    with pytest.raises(CheckpointError, match="no checkpoint"):
        import_model([])
    with pytest.raises(CheckpointError, match="its kind is classification"):
        import_model([folder])


def test_a_file_counts_once_whatever_its_names(folder, tmp_path):
    first = folder / "model_0" / "best.pt"
    (tmp_path / "link.pt").symlink_to(first)
    (tmp_path / "hard.pt").hardlink_to(tmp_path / "link.pt")
    shutil.copy(first, tmp_path / "copy.pt")
    alone = import_model([tmp_path, first])
    assert isinstance(alone.network, Predictor)
    assert alone.provenance["notes"][0] == "3 of 4 files given hold what another holds, and count once"
    assert ["config.toml" in note for note in alone.provenance["notes"]] == [False, True]
    both = import_model([first, folder / "model_1", folder / "model_0"])
    assert len(both.network.members) == len(both.provenance["files"]) == 2


def test_copies_that_were_trained_on_other_hydrogens_are_two_and_no_ensemble(folder, tmp_path):
    for name, told in (("a", "add-h = true\n"), ("b", "")):
        (tmp_path / name / "model_0").mkdir(parents=True)
        shutil.copy(folder / "model_0" / "best.pt", tmp_path / name / "model_0" / "best.pt")
        (tmp_path / name / "config.toml").write_text(told)
    with pytest.raises(CheckpointError, match="its recipe is implicit hydrogens, and that of "):
        import_model([tmp_path])


def test_a_folder_of_endpoints_is_no_ensemble(folder, tmp_path):
    from chemprop import models, nn

    for task in ("hERG", "logS"):
        model = models.MPNN(nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))
        (tmp_path / task / "model_0").mkdir(parents=True)
        models.save_model(tmp_path / task / "model_0" / "best.pt", model, [task])
    with pytest.raises(CheckpointError, match=r"different endpoints.*hERG/model_0.*logS/model_0.*`molq import "):
        import_model([tmp_path])
    with pytest.raises(CheckpointError, match="different endpoints"):
        import_model([tmp_path], ["x"])


def test_models_of_admet_ai_are_sources_like_files(folder):
    paths = checkpoint_paths(["admet_ai:classification", folder / "model_0" / "best.pt"])
    assert [path.name for path in paths] == [*(f"model_{i}.pt" for i in range(5)), "best.pt"]
    assert {path.parent.name for path in paths[:5]} == {"admet_classification"}


def test_a_model_says_where_it_comes_from():
    imported = import_model(["admet_ai:regression"])
    assert imported.provenance["imported_from"] == "ADMET-AI"
    assert [file["name"] for file in imported.provenance["files"]] == [f"model_{i}.pt" for i in range(5)]
    assert len({file["sha256"] for file in imported.provenance["files"]}) == 5

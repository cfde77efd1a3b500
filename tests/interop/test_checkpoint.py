import shutil

import pytest
import torch

import molq
from molq.chem.recipe import Recipe
from molq.errors import CheckpointError
from molq.interop.checkpoint import read_checkpoint
from molq.interop.told_recipe import AskedRecipe


def test_what_is_refused_is_refused_with_the_name_of_the_file(tmp_path):
    for name, content, words in (
        ("list.pt", [1, 2], "it holds no model"),
        ("weights.pt", {"W_i.weight": torch.ones(2, 2)}, "it is a bare state dict"),
    ):
        torch.save(content, tmp_path / name)
        with pytest.raises(CheckpointError) as caught:
            read_checkpoint(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: {words}")
        assert str(caught.value).count(name) == 1
    with pytest.raises(CheckpointError, match="no such file"):
        read_checkpoint(tmp_path / "absent.pt")


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("20-add-h", Recipe(hydrogens="explicit")),
        ("20-ignore-stereo", Recipe(ignore_stereo=True)),
        ("48-v1-adding-h", Recipe(hydrogens="explicit")),
    ],
)
def test_molecules_are_read_as_in_training(published, assert_as_published, name, recipe):
    folder = published(name)
    model = molq.import_checkpoint(folder / "out")
    assert_as_published(model, folder / "expected.csv")
    assert recipe.in_words in str(model.info)


def test_without_its_options_the_user_says_how_or_is_told_that_nobody_does(published, assert_as_published, tmp_path):
    folder = published("20-add-h")
    shutil.copy(folder / "out" / "model_0" / "best.pt", tmp_path / "best.pt")
    unknown = read_checkpoint(tmp_path / "best.pt")
    assert unknown.predictor.recipe == Recipe()
    assert unknown.notes[0].startswith("whether it was trained with --add-h, --keep-h or --ignore-stereo is not known")
    model = molq.import_checkpoint(tmp_path / "best.pt", add_h=True, keep_h=False, ignore_stereo=False)
    assert_as_published(model, folder / "expected.csv")
    assert "notes" not in model.card.provenance


def test_a_user_is_right_against_a_checkpoint_of_chemprop_1(published):
    path = published("48-v1-adding-h") / "out" / "fold_0" / "model_0" / "model.pt"
    told = read_checkpoint(path, AskedRecipe(add_h=False, ignore_stereo=True))
    assert told.predictor.recipe == Recipe(ignore_stereo=True)
    assert len(told.notes) == 2
    before = read_checkpoint(path).predictor.state_dict()
    assert all(torch.equal(value, before[key]) for key, value in told.predictor.state_dict().items())


def test_options_of_another_training_are_refused_naming_both(published, tmp_path):
    shutil.copytree(published("20-add-h") / "out", tmp_path / "out")
    config = tmp_path / "out" / "config.toml"
    config.chmod(0o644)
    config.write_text(config.read_text().replace("= V2", "= ORGANIC"))
    with pytest.raises(CheckpointError, match=r"best.pt: .*config.toml states multi-hot-atom-featurizer-mode ORGANIC"):
        read_checkpoint(tmp_path / "out" / "model_0" / "best.pt")

from __future__ import annotations

from pathlib import Path

import pytest

from molq.chem.recipe import PLAIN, Recipe
from molq.errors import CheckpointError
from molq.interop.told_recipe import AskedRecipe, asked_over, told_recipe
from molq.interop.training_options import TrainingOptions


def options(**values: str) -> TrainingOptions:
    return TrainingOptions(Path("config.toml"), {name.replace("_", "-"): value for name, value in values.items()})


def test_the_options_of_the_training_decide():
    assert told_recipe(AskedRecipe(), options(add_h="true")) == (
        Recipe(hydrogens="explicit"),
        ("config.toml of its training says: explicit hydrogens",),
    )
    both = options(add_h="true", keep_h="true", ignore_stereo="true")
    assert told_recipe(AskedRecipe(), both).recipe == Recipe(hydrogens="kept+explicit", ignore_stereo=True)
    told = told_recipe(AskedRecipe(), options(reorder_atoms="true"))
    assert told.recipe == PLAIN
    assert told.notes == (
        "config.toml of its training says: implicit hydrogens, stereo counted",
        "trained with --reorder-atoms, which changes the order of atoms and no score",
    )


def test_the_user_is_right_against_a_file_and_is_told_so():
    told = told_recipe(AskedRecipe(add_h=False, ignore_stereo=True), options(add_h="true"))
    assert told.recipe == Recipe(ignore_stereo=True)
    assert told.notes[1:] == (
        "--no-add-h was given, although config.toml says otherwise",
        "--ignore-stereo was given, although config.toml says otherwise",
    )


def test_what_cannot_be_known_is_said():
    told = told_recipe(AskedRecipe(keep_h=True), None)
    assert told.recipe == Recipe(hydrogens="kept")
    assert [note.partition(" is not known")[0] for note in told.notes] == [
        "whether it was trained with --add-h or --ignore-stereo"
    ]
    assert told_recipe(AskedRecipe(False, False, False), None) == (PLAIN, ())


def test_a_recipe_that_is_not_offered_names_the_file():
    with pytest.raises(
        CheckpointError, match=r"its training \(config.toml\) took what molq does not: unknown molecule feature 'moods'"
    ):
        told_recipe(AskedRecipe(), options(molecule_featurizers="[moods]"))
    with pytest.raises(CheckpointError, match="add-h is 'maybe'"):
        told_recipe(AskedRecipe(), options(add_h="maybe"))


def test_a_checkpoint_that_holds_its_recipe_is_believed_unless_the_user_says_otherwise():
    explicit = Recipe(hydrogens="explicit")
    assert asked_over(explicit, AskedRecipe()) == (explicit, ())
    assert asked_over(explicit, AskedRecipe(add_h=True)) == (explicit, ())
    assert asked_over(explicit, AskedRecipe(add_h=False)) == (
        PLAIN,
        ("--no-add-h was given, although the checkpoint says otherwise",),
    )

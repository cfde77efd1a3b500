from __future__ import annotations

import msgspec
import pytest

from molq.chem.recipe import PLAIN, Recipe
from molq.errors import InputError
from molq.results.plain import plain


def test_words_say_what_sets_a_recipe_apart() -> None:
    assert PLAIN.in_words == ""
    assert (
        Recipe(hydrogens="kept+explicit", ignore_stereo=True).in_words == "kept and explicit hydrogens, stereo ignored"
    )


@pytest.mark.parametrize(
    ("hydrogens", "keeps", "adds"),
    [
        ("implicit", False, False),
        ("explicit", False, True),
        ("kept", True, False),
        ("kept+explicit", True, True),
    ],
)
def test_hydrogens_are_kept_added_both_or_neither(hydrogens: str, keeps: bool, adds: bool) -> None:
    recipe = Recipe(hydrogens=hydrogens)  # type: ignore[arg-type]
    assert (recipe.keeps_hydrogens, recipe.adds_hydrogens) == (keeps, adds)


def test_what_is_usual_is_not_written() -> None:
    assert plain(PLAIN) == {}
    assert plain(Recipe(ignore_stereo=True)) == {"ignore_stereo": True}
    assert msgspec.convert({"hydrogens": "kept"}, Recipe) == Recipe(hydrogens="kept")


def test_what_is_not_offered_is_refused_by_name() -> None:
    with pytest.raises(
        InputError, match="hydrogens must be one of implicit, explicit, kept, kept\\+explicit, not 'no'"
    ):
        Recipe(hydrogens="no")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown molecule feature 'colour': choose of morgan_binary, "):
        Recipe(molecule_features=("colour",))
    with pytest.raises(msgspec.ValidationError, match="colour"):
        msgspec.convert({"colour": 1}, Recipe)

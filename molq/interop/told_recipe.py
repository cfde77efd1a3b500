"""The recipe of a checkpoint's molecules, which no file of chemprop 2 holds: from the user, or from beside it."""

from __future__ import annotations

from typing import NamedTuple

from molq.chem.recipe import Hydrogens, Recipe
from molq.errors import CheckpointError, MolqError
from molq.interop.training_options import TrainingOptions

_HYDROGENS: dict[tuple[bool, bool], Hydrogens] = {
    (False, False): "implicit",
    (False, True): "explicit",
    (True, False): "kept",
    (True, True): "kept+explicit",
}
"""by --keep-h and --add-h"""


class AskedRecipe(NamedTuple):
    """What a user says of a training, by chemprop's names; None leaves it to the files."""

    add_h: bool | None = None
    keep_h: bool | None = None
    ignore_stereo: bool | None = None
    molecule_featurizers: tuple[str, ...] | None = None


NOT_ASKED = AskedRecipe()
_FLAGS = ("add_h", "keep_h", "ignore_stereo")


class ToldRecipe(NamedTuple):
    """A recipe, and whose word it is."""

    recipe: Recipe
    notes: tuple[str, ...]


def told_recipe(asked: AskedRecipe, options: TrainingOptions | None) -> ToldRecipe:
    """The recipe by the user's word, else by the ``options`` of the training, else the plain one.

    The notes say what was found, what contradicts it, and what could not be known. Raises CheckpointError for a recipe
    that molq does not offer.
    """
    given = _given(asked)
    stated = {} if options is None else {name: options.flag(_option(name)) for name in _FLAGS}
    flags = dict.fromkeys(_FLAGS, False) | stated | given
    features = () if options is None else options.words("molecule-featurizers") or options.words("features-generators")
    if asked.molecule_featurizers is not None:
        features = asked.molecule_featurizers
    try:
        hydrogens = _HYDROGENS[flags["keep_h"], flags["add_h"]]
        recipe = Recipe(hydrogens=hydrogens, ignore_stereo=flags["ignore_stereo"], molecule_features=features)
    except MolqError as error:
        place = "" if options is None else f" ({options.path})"
        raise CheckpointError(f"its training{place} took what molq does not: {error}") from error
    return ToldRecipe(recipe, tuple(_notes(given, stated, recipe, options)))


def asked_over(recipe: Recipe, asked: AskedRecipe) -> ToldRecipe:
    """The recipe that a checkpoint itself holds, changed by what the user says of hydrogens and stereo."""
    stated = {
        "add_h": recipe.adds_hydrogens,
        "keep_h": recipe.keeps_hydrogens,
        "ignore_stereo": recipe.ignore_stereo,
    }
    if asked.molecule_featurizers not in (None, recipe.molecule_features):
        raise CheckpointError(
            f"the checkpoint itself names its molecule features ({', '.join(recipe.molecule_features) or 'none'}):"
            " leave `molecule_featurizers` out"
        )
    given = _given(asked)
    flags = stated | given
    hydrogens = _HYDROGENS[flags["keep_h"], flags["add_h"]]
    changed = Recipe(hydrogens, flags["ignore_stereo"], recipe.molecule_features)
    contradicted = (name for name, value in given.items() if value != stated[name])
    return ToldRecipe(changed, tuple(_contradiction(name, given[name], "the checkpoint") for name in contradicted))


def _given(asked: AskedRecipe) -> dict[str, bool]:
    return {name: value for name in _FLAGS if (value := getattr(asked, name)) is not None}


def _option(name: str) -> str:
    return name.replace("_", "-")


def _contradiction(name: str, given: bool, source: str) -> str:
    word = "--" if given else "--no-"
    return f"{word}{_option(name)} was given, although {source} says otherwise"


def _notes(
    given: dict[str, bool], stated: dict[str, bool], recipe: Recipe, options: TrainingOptions | None
) -> list[str]:
    if options is None:
        unknown = [f"--{_option(name)}" for name in _FLAGS if name not in given]
        if not unknown:
            return []
        words = unknown[0] if len(unknown) == 1 else f"{', '.join(unknown[:-1])} or {unknown[-1]}"
        return [
            f"whether it was trained with {words} is not known, as no config.toml lies beside it; taken as not: import"
            " with the option if it was"
        ]
    said = recipe.in_words or "implicit hydrogens, stereo counted"
    notes = [f"{options.path.name} of its training says: {said}"]
    notes += [_contradiction(name, value, options.path.name) for name, value in given.items() if value != stated[name]]
    if options.flag("reorder-atoms"):
        notes.append("trained with --reorder-atoms, which changes the order of atoms and no score")
    return notes

"""One checkpoint file, of whichever program, as a predictor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec.structs import replace

from molq.chem.recipe import Recipe
from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive
from molq.interop.chemprop import chemprop_predictor, stored_tasks
from molq.interop.chemprop_config import unnamed_tasks
from molq.interop.chemprop_v1 import chemprop_v1_predictor, is_chemprop_v1
from molq.interop.chemprop_v1_args import v1_stored_tasks
from molq.interop.told_recipe import NOT_ASKED, AskedRecipe, asked_over, told_recipe
from molq.interop.training_options import options_beside
from molq.nn.predictor import Predictor

_LONG, _N_SHOWN = 40, 3
Program = Literal["chemprop 1", "chemprop 2"]


class Checkpoint(NamedTuple):
    """The network of a file in inference mode, its scores those of the program that wrote the file.

    Tasks are called as the file calls them, else task_0, task_1, ...
    """

    path: Path
    program: Program
    predictor: Predictor
    stored: Sequence[str] | None
    """what the file calls its tasks, letter by letter"""
    notes: tuple[str, ...] = ()
    """on how its molecules are read, and its tasks called"""

    @property
    def names(self) -> tuple[str, ...] | None:
        """What tells its tasks apart and those of other files too; None where the file does not name them."""
        tasks, stored = self.predictor.tasks, tuple(self.stored or ())
        if not stored or stored == unnamed_tasks(len(tasks)) or not any(name.strip() for name in stored):
            return None
        return stored if len(set(stored)) == len(stored) else tasks


def read_checkpoint(path: Path, asked: AskedRecipe = NOT_ASKED) -> Checkpoint:
    """What the file holds, its molecules read as ``asked``, else as chemprop wrote down in the file or beside it.

    Raises CheckpointError, which names the file, when it is refused or holds a kind of model that molq does not offer.
    """
    with TorchArchive(path) as archive:
        try:
            if is_chemprop_v1(archive.root):
                predictor = chemprop_v1_predictor(archive)
                told = asked_over(predictor.recipe, asked)
                predictor, stored = _reading_by(told.recipe, predictor), v1_stored_tasks(archive.root["args"].state)
                notes = (*told.notes, *_renamings(stored, predictor.tasks))
                return Checkpoint(path, "chemprop 1", predictor, stored, notes)
            options = options_beside(path)
            if options is not None:
                options.require_smiles_alone()
            told = told_recipe(asked, options)
            predictor = chemprop_predictor(archive, told.recipe)
            if options is not None:
                options.require_of(predictor.config)
            stored = stored_tasks(archive.root)
            notes = (*told.notes, *_renamings(stored, predictor.tasks))
            return Checkpoint(path, "chemprop 2", predictor, stored, notes)
        except CheckpointError as error:
            text = str(error)
            raise CheckpointError(text if text.startswith(str(path)) else f"{path}: {text}") from error


def _renamings(stored: Sequence[str] | None, tasks: Sequence[str]) -> list[str]:
    pairs = zip(stored or (), tasks, strict=False)
    changed = [f"{old[:_LONG]!a}, which no output could show; called {new} here" for old, new in pairs if old != new]
    return [f"it calls a task {words}" for words in changed[:_N_SHOWN]]


def _reading_by(recipe: Recipe, predictor: Predictor) -> Predictor:
    if recipe == predictor.recipe:
        return predictor
    made = Predictor(replace(predictor.config, recipe=recipe)).eval()
    made.load_state_dict(predictor.state_dict())
    return made

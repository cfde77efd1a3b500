"""The molecules that nearness is measured to: those a model was trained on, or stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import graphs_alone
from molq.chem.fingerprints import packed_morgan_fingerprints
from molq.chem.recipe import Recipe
from molq.data.draw import draw
from molq.data.labels import load_dataset
from molq.data.locate import find_copy, is_registered
from molq.data.registry import dataset_info
from molq.engine.environment_set import EnvironmentSet, atom_environments, environment_set
from molq.errors import InputError
from molq.store.molqfile import Loaded
from molq.training.record import recorded_split

N_BITS = 2048
"""of a Morgan fingerprint of radius 2"""
RADIUS = 2
"""of the environments; docs/applicability.md compares it with others"""
MAX_REFERENCE = 50_000
"""of more molecules so many are drawn, with seed 0"""


class TrainingMolecules(NamedTuple):
    """n molecules, as far as nearness to them needs it."""

    name: str
    """what pages call them"""
    fingerprints: NDArray[np.uint8]
    """[n, N_BITS / 8]"""
    smiles: Sequence[str] | None
    """[n]; None where only fingerprints are known"""
    environments: EnvironmentSet
    radius: int


def reference_of(smiles: Sequence[str], name: str, recipe: Recipe) -> TrainingMolecules:
    """The molecules of a list; what does not parse is left out. Raises InputError when nothing is left."""
    found = graphs_alone(smiles, recipe=recipe)
    kept = found.index[draw(len(found.index), MAX_REFERENCE, 0)]
    if not len(kept):
        raise InputError(
            f"{name}: none of its {len(smiles):,} rows is a molecule that can be read, so nothing can be near to it;"
            " give the molecules that the model was trained on"
        )
    known = [smiles[i] for i in kept]
    held = environment_set(atom_environments(found.graphs, RADIUS))
    few = f"{len(kept):,} of " if len(kept) < len(found.index) else ""
    said = f"{name}: {few}{len(found.index):,} molecules"
    return TrainingMolecules(said, packed_morgan_fingerprints(known, n_bits=N_BITS), known, held, RADIUS)


def reference_of_card(model: Loaded) -> TrainingMolecules | None:
    """The molecules that the card says the model was trained on, where they lie on this machine; else None.

    They are those of a registered data set, by its checksum, that are on no other side of the split. Nothing is
    downloaded.
    """
    training = model.card.training
    name = None if training is None else training.get("dataset")
    if not isinstance(name, str) or not is_registered(name):
        return None
    info = dataset_info(name)
    if training is None or training.get("dataset_sha256") != info.sha256 or find_copy(info) is None:
        return None
    labelled = load_dataset(name, model.network.tasks, recipe=model.network.recipe)
    try:
        split = recorded_split(training, labelled)
    except InputError:  # other molecules of the set than are read now
        return None
    if split is None:
        return None
    found = reference_of([labelled.smiles[i] for i in split.train], name, model.network.recipe)
    return found._replace(name=f"the {len(split.train):,} training molecules of {name}")

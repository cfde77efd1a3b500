from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from molq.chem.molecule_features.compute import width
from molq.chem.molecule_features.names import ALL_NAMES
from molq.chem.molecule_features.reference import MOLECULES, RecordedFeatures, difference, reference
from molq.chem.recipe import Recipe

RECIPE = Recipe(molecule_features=("charge", "rdkit_2d"))
MADE = reference(RECIPE)
N = width(RECIPE.molecule_features)


@pytest.mark.parametrize("hydrogens", ["implicit", "explicit"])
def test_nothing_differs_here_and_now_in_what_a_file_holds(hydrogens: str) -> None:
    recipe = Recipe(hydrogens, False, ALL_NAMES)  # type: ignore[arg-type]
    content = msgspec.json.encode(reference(recipe))
    assert difference(msgspec.json.decode(content, type=RecordedFeatures), recipe, width(ALL_NAMES)) is None
    assert len(msgspec.json.encode(MADE)) < 25_000


def test_every_descriptor_but_few_is_told_apart_by_some_molecule() -> None:
    """One that is 0 everywhere could change unseen: fragments that none of ten molecules has."""
    assert len(MADE.values) > 150
    assert {f"rdkit_2d {name}" for name in ("MolLogP", "BalabanJ", "qed", "SPS", "Ipc")} <= MADE.values.keys()


def changed(name: str, value: float) -> RecordedFeatures:
    row = (value, *MADE.values.get(name, (0.0,) * 10)[1:])
    return replace(MADE, versions={"RDKit": "2019.03.1"}, values={**MADE.values, name: row})


def test_a_descriptor_that_changed_is_named_with_both_versions() -> None:
    words = difference(changed("rdkit_2d MolLogP", 1.25), RECIPE, N)
    assert words is not None
    assert words.startswith(f"its molecule feature rdkit_2d MolLogP of {MOLECULES[0]} is 1.31")
    assert "here (RDKit 20" in words
    assert words.endswith("and was 1.25 where the model was made (RDKit 2019.03.1)")


def test_rounding_is_no_change() -> None:
    logp = MADE.values["rdkit_2d MolLogP"][0]
    assert difference(changed("rdkit_2d MolLogP", logp * (1 + 2e-6)), RECIPE, N) is None
    assert difference(changed("rdkit_2d MolLogP", logp * (1 + 2e-4)), RECIPE, N) is not None


def test_a_descriptor_that_went_or_came_is_found() -> None:
    words = difference(changed("rdkit_2d Colour", 1.0), RECIPE, N)
    assert words is not None
    assert "rdkit_2d Colour is not among those of RDKit 20" in words
    assert "charge" in str(difference(changed("charge charge", 2.0), RECIPE, N))
    assert difference(MADE, Recipe(molecule_features=("rdkit_2d", "charge")), N) is None
    assert "not among" in str(difference(MADE, Recipe(molecule_features=("charge",)), 1))


def test_as_many_numbers_as_the_model_takes() -> None:
    words = str(difference(MADE, RECIPE, N - 1))
    assert f"charge, rdkit_2d are {N} numbers here (RDKit 20" in words
    assert f"and it takes {N - 1} (RDKit 20" in words


def test_as_many_molecules_as_there_are() -> None:
    short = {name: row[1:] for name, row in MADE.values.items()}
    assert "for 9 molecules, not for 10" in str(difference(replace(MADE, values=short), RECIPE, N))
    assert len(MOLECULES) == len(set(MOLECULES)) == 10

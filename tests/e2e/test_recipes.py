"""A model of explicit hydrogens goes every way that a plain one goes, and its molecules are read alike everywhere."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from rdkit import Chem
from variety import VARIETY, network

import molq
from molq.chem.recipe import PLAIN, Recipe
from molq.nn.predictor import Predictor
from molq.store.card import Card
from molq.store.molqfile import save

WRITTEN = ["[H]C([H])([H])O", "[2H]C(F)Cl", "[H][C@](F)(Cl)Br", "[SH6]", "C("]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[Recipe, Path]:
    folder = tmp_path_factory.mktemp("recipes")
    given = network(replace(VARIETY[0], tasks=("Class",)))
    paths = {}
    for recipe in (PLAIN, Recipe(hydrogens="explicit"), Recipe(hydrogens="kept", ignore_stereo=True)):
        made = Predictor(replace(given.config, recipe=recipe)).eval()
        made.load_state_dict(given.state_dict())
        paths[recipe] = folder / f"{len(paths)}.molq"
        save(paths[recipe], made, Card(recipe.in_words or "plain"))
    return paths


@pytest.fixture(scope="module")
def smiles() -> list[str]:
    return [*molq.calibration_set("bace", size=60).smiles, *WRITTEN]


def screened(model: Path, smiles: list[str], folder: Path, **options: object) -> np.ndarray:
    (folder / "library.smi").write_text("\n".join(smiles) + "\n")
    molq.screen(model, folder / "library.smi", folder / "out.csv", force=True, **options)  # type: ignore[arg-type]
    with (folder / "out.csv").open(newline="") as file:
        return np.array([float(row["Class"] or "nan") for row in csv.DictReader(file)], np.float32)


def test_a_screen_an_audit_and_a_prediction_agree(models, smiles, tmp_path):
    found = {}
    for recipe, path in models.items():
        found[recipe] = molq.load(path).predict(smiles)
        np.testing.assert_array_equal(
            screened(path, smiles, tmp_path, audit=1.0, workers=int(recipe.adds_hydrogens)), found[recipe]
        )
        mols = [Chem.MolFromSmiles(text) for text in smiles[:60]]
        np.testing.assert_array_equal(molq.load(path).predict(mols), found[recipe][:60])
    plain, explicit, kept = found.values()
    assert np.isnan(plain).tolist() == np.isnan(explicit).tolist() == [text == "C(" for text in smiles]
    assert (np.abs(plain - explicit)[:-1] > 1e-5).all()
    assert np.abs(plain - kept)[60] > 1e-5


def test_quantized_with_the_hydrogens_that_it_will_see(models, smiles, tmp_path):
    path = models[Recipe(hydrogens="explicit")]
    exact = molq.load(path)
    small = exact.quantize("int8", smiles[:60])
    assert small._loaded.network.recipe == exact._loaded.network.recipe
    assert np.corrcoef(small.predict(smiles[:60]), exact.predict(smiles[:60]))[0, 1] > 0.99
    np.testing.assert_array_equal(
        screened(small.save(tmp_path / "small.molq"), smiles, tmp_path, workers=0), small.predict(smiles)
    )


def test_models_of_two_recipes_are_evaluated_each_on_its_own_graphs(models):
    together = molq.evaluate(list(models.values())[:2], "bace", tasks=["Class"], resamples=100)
    alone = [molq.evaluate(path, "bace", tasks=["Class"], resamples=100) for path in list(models.values())[:2]]
    areas = [model.accuracy.metrics["roc_auc"].value for model in together.models]
    assert areas == [one.models[0].accuracy.metrics["roc_auc"].value for one in alone]
    assert areas[0] != areas[1]


def test_a_calibration_set_covers_what_the_library_does_to_the_model(models, smiles):
    path = models[Recipe(hydrogens="explicit")]
    found = molq.calibration_set(smiles[:30], size=12, strategy="activation", model=path)
    assert len(found) == 12

from __future__ import annotations

import copy
import pickle
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import molq
from molq.calibset.build import build
from molq.calibset.spec import CalibrationSpec
from molq.chem.table import sample_table
from molq.data.labels import load_dataset
from molq.errors import InputError, MolqWarning, OutputError, UnsupportedError
from molq.face import inputs
from molq.records import sampling
from molq.remote.writing import put
from molq.results.shown import as_html


@pytest.fixture(scope="module")
def smiles() -> list[str]:
    return load_dataset("bace").smiles[::10]


def test_a_set_is_that_of_the_layer_below_whatever_the_pool_comes_in(smiles: list[str], tmp_path: Path) -> None:
    expected = build(smiles, CalibrationSpec("random", 30, 1))
    path = tmp_path / "pool.csv"
    path.write_text("smiles\n" + "\n".join(smiles) + "\n")
    for pool in (
        smiles,
        np.array(smiles),
        pd.Series(smiles),
        pl.Series(smiles),
        pd.DataFrame({"smiles": smiles}),
        path,
    ):
        found = molq.calibration_set(pool, strategy="random", size=30, seed=1)
        assert found.smiles == tuple(expected.smiles)
        np.testing.assert_array_equal(found.rows, expected.rows)
        assert (found.strategy, found.seed, len(found)) == ("random", 1, 30)
        assert dict(found.coverage) == expected.coverage


def test_a_set_may_stand_for_another_library(smiles: list[str]) -> None:
    alone = molq.calibration_set(smiles, size=20)
    matched = molq.calibration_set(smiles, match=load_dataset("bace").smiles[1:200], size=20)
    assert matched != alone
    assert matched.coverage["library_molecules"] == 199


def test_the_activation_strategy_covers_a_float_model(smiles: list[str], classifier: molq.Model) -> None:
    found = molq.calibration_set(smiles[:60], size=10, strategy="activation", model=classifier)
    assert found.coverage["channels_covered"] > 0
    with pytest.raises(InputError, match="`model`"):
        molq.calibration_set(smiles, size=10, strategy="activation")
    with pytest.raises(InputError, match="`model` is for the strategy activation"):
        molq.calibration_set(smiles, size=10, model=classifier)
    with pytest.raises((InputError, UnsupportedError), match="fp16 already"):
        molq.calibration_set(smiles, size=10, strategy="activation", model=classifier.quantize("fp16"))


def test_a_saved_set_comes_back_whole(smiles: list[str], tmp_path: Path) -> None:
    calib = molq.calibration_set(smiles, size=12, seed=3)
    path = calib.save(tmp_path / "calib.csv")
    again = molq.CalibrationSet.read(path)
    assert again == calib
    assert (again.strategy, again.seed, dict(again.coverage)) == (calib.strategy, calib.seed, dict(calib.coverage))
    np.testing.assert_array_equal(again.rows, calib.rows)
    with pytest.raises(OutputError, match="`force`"):
        calib.save(path)
    assert molq.CalibrationSet.read(calib.save(path, force=True)) == calib


def test_molecules_chosen_otherwise_are_a_set(smiles: list[str]) -> None:
    given = molq.CalibrationSet(pd.Series(smiles[:5]))
    assert (given.strategy, given.smiles, given.rows.tolist()) == ("given", tuple(smiles[:5]), [0, 1, 2, 3, 4])
    assert given == molq.CalibrationSet(smiles[:5])
    assert given != molq.CalibrationSet(smiles[:4])
    assert repr(given) == "CalibrationSet(5 molecules, given)"
    with pytest.raises(InputError, match="at least 1"):
        molq.CalibrationSet([])
    with pytest.raises(InputError, match=r"CalibrationSet\.read"):
        molq.CalibrationSet("calib.csv")


def test_a_set_never_changes(smiles: list[str]) -> None:
    calib = molq.calibration_set(smiles, size=5)
    with pytest.raises(AttributeError, match="never changes"):
        calib.smiles = ()  # type: ignore[misc]
    with pytest.raises(TypeError):
        calib.coverage["scaffold"] = 1.0  # type: ignore[index]
    calib.rows[0] = -1
    assert calib.rows[0] >= 0
    for again in (pickle.loads(pickle.dumps(calib)), copy.deepcopy(calib)):
        assert again == calib
        assert hash(again) == hash(calib)


def test_the_verdict_names_set_and_library(smiles: list[str], tmp_path: Path, few_draws: int) -> None:
    calib = molq.calibration_set(smiles, size=40)
    found = calib.validate(smiles, draws=200)
    assert (found.verdict, found.calibset, found.library) == ("representative", "the set", "LIBRARY")
    assert found.sha256 == calib.sha256
    assert found.model is None
    read = molq.CalibrationSet.read(calib.save(tmp_path / "calib.csv"))
    assert read.validate(smiles, draws=few_draws).calibset == str(tmp_path / "calib.csv")
    poor = molq.CalibrationSet(["C" * n for n in range(1, 40)]).validate(smiles, draws=200)
    assert poor.verdict == "not representative"
    assert poor.reasons
    assert "not representative" in repr(poor)
    assert "not representative" in (as_html(poor) or "")


def test_the_verdict_with_a_model(smiles: list[str], classifier: molq.Model, few_draws: int) -> None:
    found = molq.calibration_set(smiles, size=40).validate(smiles, model=classifier, draws=few_draws)
    assert found.model is not None
    assert found.model.content_hash == classifier.content_hash


def test_missing_values_in_a_pool_are_no_molecules(smiles: list[str]) -> None:
    holes = pd.Series([*smiles[:30], None, float("nan")])
    found = molq.calibration_set(holes, size=10)
    assert found.coverage["pool_rejected"] == 2
    with pytest.raises(InputError, match="none of the 2 values"):
        molq.calibration_set([1, 2], size=1)


def test_a_very_large_library_in_a_store_is_represented_by_pieces(bucket, monkeypatch):
    """Fewer of its bytes are asked for than it has, and the set is one that its molecules could have given."""
    smiles = [f"{'C' * (1 + row // 50)}c1ccccc1" for row in range(4000)]
    put(("smiles\n" + "\n".join(smiles) + "\n").encode(), f"{bucket}/library.csv")
    monkeypatch.setattr(sampling, "LARGE_BYTES", 10_000)
    monkeypatch.setattr(sampling, "N_PIECES", 20)
    monkeypatch.setattr(sampling, "_FIRST_BYTES", 1000)
    monkeypatch.setattr(inputs, "sample_table", partial(sample_table, n_rows=400))
    with pytest.warns(
        MolqWarning, match=rf"{bucket}/library\.csv: \d+ of about [345],\d00 rows are read, in 20 pieces"
    ):
        calib = molq.calibration_set(sorted(set(smiles)), match=f"{bucket}/library.csv", size=15)
    assert calib.coverage["library_molecules"] < 1000
    with pytest.warns(MolqWarning, match="pieces drawn at random"):
        assert calib.validate(f"{bucket}/library.csv", draws=200).verdict

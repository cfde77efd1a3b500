from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from heard import Heard

import molq
from molq.errors import InputError

TINY = {"d_h": 16, "epochs": 1, "split": "random", "fractions": (0.6, 0.2, 0.2)}


@pytest.fixture(scope="module")
def table(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "table.csv")


def test_the_same_rows_give_the_same_weights_whatever_they_come_in(folder: Path, table: pd.DataFrame) -> None:
    of_file = molq.train(folder / "table.csv", tasks=["active"], **TINY)
    smiles = table.smiles[:50].tolist()
    for frame in (table, pl.from_pandas(table)):
        model = molq.train(frame, tasks=["active"], **TINY)
        assert model.card.name == "DataFrame"
        assert (model.predict(smiles) == of_file.predict(smiles)).all()
    assert (of_file.name, of_file.kind, of_file.tasks) == ("table", "classification", ("active",))


def test_the_card_says_how(folder: Path) -> None:
    heard, epochs = Heard(), []
    model = molq.train(
        folder / "table.csv",
        tasks=["potency"],
        name="mine",
        description="A test.",
        members=2,
        **TINY | {"epochs": 2},
        progress=heard,
        on_epoch=epochs.append,
    )
    assert (model.kind, model.card.name, model.card.description) == ("regression", "mine", "A test.")
    assert model.card.training is not None
    assert model.card.training["split"]["n_test"] == 32
    assert len(epochs) == 4
    assert heard.stages


def test_labels_with_gaps_and_a_column_that_states_the_split(table: pd.DataFrame) -> None:
    sides = ["train"] * 100 + ["valid"] * 30 + ["test"] * 30
    holes = table.assign(active=table.active.where(table.index % 7 > 0), side=sides)
    model = molq.train(holes, tasks=["active"], split_column="side", d_h=16, epochs=1)
    assert model.card.training is not None
    assert model.card.training["split"]["n_train"] == 100
    assert molq.evaluate(model, holes, resamples=100).dataset.molecules == 30


def test_quantization_aware_training_gives_both_models(folder: Path) -> None:
    shown: list[molq.Model] = []
    small = molq.train(folder / "table.csv", tasks=["active"], qat="w4a8", qat_epochs=1, on_float=shown.append, **TINY)
    assert small.scheme == "w4a8"
    assert small.making is not None
    assert small.making.tuning is not None
    assert small.making.reference.scheme == "fp32"
    assert shown == [small.making.reference]
    assert molq.diagnose(small, folder / "table.csv", resamples=100).found.model.scheme == "w4a8"


def test_what_cannot_be_trained_on(folder: Path, table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="`tasks`"):
        molq.train(folder / "table.csv")
    with pytest.raises(InputError, match=r"^DataFrame: no column 'absent'"):
        molq.train(table, tasks=["absent"], **TINY)
    with pytest.raises(InputError, match="neither a file nor"):
        molq.train("no-such-set")
    with pytest.raises(InputError, match="`epochs`"):
        molq.train(table, tasks=["active"], epochs=0)

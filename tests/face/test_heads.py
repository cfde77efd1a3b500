"""Heads with more than a number, through the calls that users make."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from heads import HEADS, TASKS, head_of

import molq
from molq.errors import InputError
from molq.face.model import model_of
from molq.nn.ensemble import from_members
from molq.nn.outputs import Outputs
from molq.store.card import Card

SMILES = ["CCO", "c1ccccc1C(=O)O", "CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "CCN(CC)CC"]
SPREAD_METRICS = ["error_spearman", "sparsification", "nll"]


def model_with(head: Outputs, n_members: int = 1, **changes: object) -> molq.Model:
    members = [head_of(head, seed, **changes) for seed in range(n_members)]
    return model_of(from_members(members), Card("m"))


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def table(folder: Path) -> Path:
    """The table of the folder with a number and one of four classes for each of two tasks."""
    rows = lines_of(folder / "table.csv")
    path = folder / "heads.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["smiles", *TASKS])
        for i, row in enumerate(rows):
            writer.writerow([row["smiles"], i % 4, "" if i % 5 == 0 else (i // 3) % 4])
    return path


@pytest.mark.parametrize("head", HEADS, ids=str)
def test_a_screen_writes_the_columns_that_predict_gives(head: Outputs, tmp_path: Path) -> None:
    model = model_with(head, n_members=2)
    library = tmp_path / "library.smi"
    library.write_text("\n".join(SMILES) + "\n")
    molq.screen(model, library, tmp_path / "out.csv", spread=True, workers=0)
    rows = lines_of(tmp_path / "out.csv")
    found = model.predict(pd.Series(SMILES), spread=True)
    assert list(rows[0]) == ["smiles", *found.columns, "rejected"]
    assert list(found.columns) == [*model.columns, *(f"{name}_spread" for name in model.columns)]
    for name in found.columns:
        assert [np.float32(row[name]) for row in rows] == found[name].tolist()
    assert np.array_equal(model.predict(SMILES), found[list(model.columns)].to_numpy())
    assert np.array_equal(list(model.predict(iter(SMILES), spread=True)), found.to_numpy())


def test_a_single_model_has_no_spread(tmp_path: Path) -> None:
    model = model_with(HEADS[0])
    for ask in (SMILES, iter(SMILES)):
        with pytest.raises(InputError, match=r"`spread` is .* this is a single model"):
            model.predict(ask, spread=True)
    library = tmp_path / "library.smi"
    library.write_text("CCO\n")
    with pytest.raises(InputError, match=r"`spread` is .* this is a single model"):
        molq.screen(model, library, tmp_path / "out.csv", spread=True, workers=0)
    assert not (tmp_path / "out.csv").exists()


def test_the_best_rows_go_by_predictions_or_by_a_column_that_is_named(tmp_path: Path) -> None:
    library = tmp_path / "library.smi"
    library.write_text("\n".join(SMILES) + "\n")
    classes = model_with(Outputs("multiclass", "dirichlet", 4))
    summary = molq.screen(classes, library, tmp_path / "a.csv", tasks=["logS"], top=2, workers=0)
    assert [Path(path).name for path in summary.outputs] == [f"a.logS_{i}.csv" for i in range(4)]
    scores = pd.DataFrame(classes.predict(SMILES), columns=list(classes.columns))
    for i in range(4):
        rows = lines_of(tmp_path / f"a.logS_{i}.csv")
        assert list(rows[0]) == ["row", "smiles", *(f"logS_{k}" for k in range(4)), "logS_uncertainty"]
        assert [int(row["row"]) for row in rows] == scores[f"logS_{i}"].nlargest(2).index.tolist()
    mve = model_with(Outputs("regression", "mve"))
    molq.screen(mve, library, tmp_path / "b.csv", tasks=["logS_std"], top=2, lowest=True, workers=0)
    rows = lines_of(tmp_path / "b.csv")
    spreads = pd.Series(mve.predict(SMILES)[:, 1])
    assert list(rows[0]) == ["row", "smiles", "logS_std"]
    assert [int(row["row"]) for row in rows] == spreads.nsmallest(2).index.tolist()
    summary = molq.screen(mve, library, tmp_path / "c.csv", tasks=["logS"], threshold=-1e9, workers=0)
    assert (len(lines_of(tmp_path / "c.csv")), summary.tasks) == (len(SMILES), ("logS",))


@pytest.mark.parametrize("head", [head for head in HEADS if head.kind != "classification"], ids=str)
def test_evaluation_judges_predictions_and_stated_spreads(head: Outputs, table: Path) -> None:
    model = model_with(head)
    found = molq.evaluate([model, model], table, all_rows=True, resamples=100)
    metrics = list(found.models[0].accuracy.metrics)
    stated = {"mve": SPREAD_METRICS, "evidential": SPREAD_METRICS, "quantile": SPREAD_METRICS[:2]}
    assert [name for name in metrics if name in SPREAD_METRICS] == stated.get(head.uncertainty or "", [])
    assert found.statistics.metric == ("rmse" if head.kind == "regression" else "roc_auc")
    assert all(difference.value == 0 for difference in found.models[1].accuracy.differences.values())
    names = [f"{task}_{i}" for task in TASKS for i in range(4)] if head.kind == "multiclass" else list(TASKS)
    assert list(found.models[0].per_task) == names
    assert str(found)


def test_spreads_count_where_all_models_state_them(table: Path) -> None:
    plain, mve, quantile = (model_with(Outputs("regression", name)) for name in (None, "mve", "quantile"))
    for models in ([mve, plain], [plain, mve], [mve, quantile]):
        found = molq.evaluate(models, table, all_rows=True, resamples=100)
        assert all(not set(SPREAD_METRICS) & set(one.accuracy.metrics) for one in found.models)


def test_classes_that_a_model_does_not_know_are_refused(table: Path) -> None:
    with pytest.raises(InputError, match="'logS' has a label 3, and the model tells 3 classes apart"):
        molq.evaluate(model_with(Outputs("multiclass", None, 3), n_classes=3), table, all_rows=True)
    models = [model_with(Outputs("multiclass", None, n)) for n in (4, 5)]
    with pytest.raises(InputError, match="tells 5 classes apart, and m 4"):
        molq.evaluate(models, table, all_rows=True)


@pytest.mark.parametrize("head", [Outputs("regression", "mve"), Outputs("multiclass", None, 4)], ids=str)
def test_a_study_of_such_a_head(head: Outputs, table: Path, folder: Path, tmp_path: Path) -> None:
    path = model_with(head).save(tmp_path / "m.molq")
    found = molq.study(
        table,
        tmp_path / "study",
        tasks=TASKS,
        model=path,
        split="random",
        schemes=["int8"],
        library=folder / "library.smi",
        calib_size=20,
        resamples=100,
    )
    int8 = found.variants[1]
    if head.uncertainty:
        assert set(SPREAD_METRICS) <= set(int8.accuracy.differences)
    columns = [name for name in lines_of(tmp_path / "study" / "scores.csv")[0] if name.startswith("int8:")]
    assert columns == [f"int8:{name}" for name in model_with(head).columns]
    page = (tmp_path / "study" / "report.html").read_text()
    assert ("ρ to errors" in page) == bool(head.uncertainty)
    assert max(map(len, str(found).splitlines())) <= 80


@pytest.mark.parametrize("head", HEADS, ids=str)
def test_atoms_add_to_a_task_or_to_one_of_its_predictions(head: Outputs) -> None:
    model = model_with(head)
    task = model.tasks[1]
    found = model.contributions(pd.Series(["CCO", "c1cc"]), task)
    first = next(name for name in model.columns if name.startswith(task))
    assert found.column == first
    assert found.contributions[1] is None
    assert "contributions" not in repr(found)
    assert "<svg" in found._repr_html_()
    with pytest.raises(InputError, match="no task 'zz'"):
        model.contributions(["CCO"], "zz")
    for name in model.columns:
        if name.endswith("_std"):
            with pytest.raises(InputError, match="how sure"):
                model.contributions(["CCO"], name)

"""The estimators go where scikit-learn's own go."""

from __future__ import annotations

import pickle
import pickletools

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

import molq
from molq.data.labels import load_dataset
from molq.errors import InputError, MolqWarning
from molq.sklearn import GNNClassifier, GNNRegressor

SMALL = {"d_h": 16, "epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def smiles() -> list[str]:
    return load_dataset("bace").smiles[:90]


@pytest.fixture(scope="module")
def labels(smiles: list[str]) -> np.ndarray:
    """Whether a molecule holds fluorine: something to learn."""
    return np.array(["F" in text for text in smiles])


@pytest.fixture(scope="module")
def classifier(smiles: list[str], labels: np.ndarray) -> GNNClassifier:
    return GNNClassifier(**SMALL).fit(smiles, labels)


@pytest.fixture(scope="module")
def regressor(smiles: list[str]) -> GNNRegressor:
    return GNNRegressor(**SMALL).fit(smiles, [float(len(text)) for text in smiles])


def test_what_is_learnt_is_a_model_of_molq(
    classifier: GNNClassifier, regressor: GNNRegressor, smiles: list[str]
) -> None:
    assert isinstance(classifier.model_, molq.Model)
    assert (classifier.model_.kind, regressor.model_.kind) == ("classification", "regression")
    np.testing.assert_array_equal(classifier.predict_proba(smiles)[:, 1], classifier.model_.predict(smiles))
    np.testing.assert_array_equal(regressor.predict(smiles), regressor.model_.predict(smiles))
    assert is_classifier(classifier)
    assert is_regressor(regressor)


def test_it_learns(smiles: list[str], labels: np.ndarray) -> None:
    fitted = GNNClassifier(d_h=32, epochs=20, batch_size=16, max_lr=5e-3, random_state=0).fit(smiles, labels)
    assert fitted.score(smiles, labels) > max(labels.mean(), 1 - labels.mean()) + 0.05
    lengths = np.array([len(text) for text in smiles], float)
    assert (
        GNNRegressor(d_h=32, epochs=25, max_lr=5e-3, random_state=0).fit(smiles, lengths).score(smiles, lengths) > 0.3
    )


@pytest.mark.parametrize("names", [("no", "yes"), (0, 1), (-1, 1), (False, True), (2.0, 5.0)], ids=str)
def test_classes_keep_their_labels(smiles: list[str], labels: np.ndarray, names: tuple[object, object]) -> None:
    y = [names[int(label)] for label in labels]
    fitted = GNNClassifier(**SMALL).fit(smiles, y)
    assert fitted.classes_.tolist() == sorted(names)  # type: ignore[type-var]
    predicted = fitted.predict(smiles)
    assert predicted.dtype == np.asarray(y).dtype
    second = fitted.predict_proba(smiles)[:, 1]
    np.testing.assert_array_equal(predicted, np.array(sorted(names))[(second > 0.5).astype(int)])  # type: ignore[type-var]
    np.testing.assert_allclose(fitted.predict_proba(smiles).sum(axis=1), 1, rtol=1e-6)


def test_the_same_random_state_gives_the_same_model(smiles: list[str], labels: np.ndarray) -> None:
    first, second = (GNNClassifier(**SMALL).fit(smiles, labels) for _ in range(2))
    assert first.model_ == second.model_
    other = GNNClassifier(**SMALL | {"random_state": 1}).fit(smiles, labels)
    assert other.model_ != first.model_
    drawn = np.random.RandomState(0)
    a, b = (GNNClassifier(**SMALL | {"random_state": drawn}).fit(smiles, labels) for _ in range(2))
    assert a.model_ != b.model_


@pytest.mark.parametrize(
    "form",
    [
        lambda s: np.array(s, object),
        lambda s: np.array(s),
        lambda s: np.array(s, object).reshape(-1, 1),
        lambda s: pd.Series(s, index=range(7, 7 + len(s))),
        lambda s: pd.DataFrame({"smiles": s}),
        lambda s: pl.Series(s),
        lambda s: pl.DataFrame({"smiles": s}),
    ],
    ids=["objects", "text", "column", "Series", "DataFrame", "polars Series", "polars DataFrame"],
)
def test_smiles_come_in_any_column(classifier: GNNClassifier, smiles: list[str], labels: np.ndarray, form) -> None:
    assert GNNClassifier(**SMALL).fit(form(smiles), labels).model_ == classifier.model_
    np.testing.assert_array_equal(classifier.predict(form(smiles)), classifier.predict(smiles))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_cross_validation_grid_search_and_pipelines(smiles: list[str], labels: np.ndarray) -> None:
    scores = cross_val_score(GNNClassifier(**SMALL), smiles, labels, cv=2, scoring="roc_auc")
    assert scores.shape == (2,)
    assert np.isfinite(scores).all()
    assert cross_val_predict(GNNRegressor(**SMALL), pd.Series(smiles), np.arange(len(smiles)), cv=2).shape == (90,)
    search = GridSearchCV(GNNClassifier(**SMALL), {"d_h": [8, 16]}, cv=2).fit(np.array(smiles), labels)
    assert search.best_params_["d_h"] in (8, 16)
    assert search.best_estimator_.model_.size_bytes > 0
    pipeline = Pipeline([("strip", FunctionTransformer(np.char.strip)), ("gnn", GNNClassifier(**SMALL))])
    assert pipeline.fit(np.array([f" {text} " for text in smiles]), labels).score(np.array(smiles), labels) > 0
    table = pd.DataFrame({"price": 1.0, "smiles": smiles})
    chosen = ColumnTransformer([("smiles", "passthrough", ["smiles"])])
    assert Pipeline([("choose", chosen), ("gnn", GNNClassifier(**SMALL))]).fit(table, labels).predict(table).shape == (
        90,
    )


def test_more_classes_through_one_versus_rest(smiles: list[str]) -> None:
    y = np.array(["a", "b", "c"] * 30)
    with pytest.raises(InputError, match=r"3 classes.*OneVsRestClassifier"):
        GNNClassifier(**SMALL).fit(smiles, y)
    fitted = OneVsRestClassifier(GNNClassifier(**SMALL)).fit(smiles, y)
    assert fitted.predict_proba(smiles).shape == (90, 3)


def test_several_numbers_per_molecule_some_of_them_missing(smiles: list[str]) -> None:
    y = np.stack([np.arange(90.0), -np.arange(90.0)], axis=1)
    y[3, 1] = np.nan
    fitted = GNNRegressor(**SMALL).fit(smiles, y)
    assert fitted.predict(smiles[:5]).shape == (5, 2)
    assert fitted.model_.tasks == ("y0", "y1")


def test_clone_and_parameters(classifier: GNNClassifier) -> None:
    again = clone(classifier)
    assert again.get_params() == classifier.get_params()
    assert not hasattr(again, "model_")
    assert again.set_params(d_h=8).d_h == 8
    with pytest.raises(ValueError, match="Invalid parameter"):
        again.set_params(width=8)


@pytest.mark.parametrize("name", ["classifier", "regressor"])
def test_a_pickle_holds_parameters_and_the_bytes_of_the_file(
    name: str, request: pytest.FixtureRequest, smiles: list[str]
) -> None:
    fitted = request.getfixturevalue(name)
    text = pickle.dumps(fitted)
    blobs = [arg for _, arg, _ in pickletools.genops(text) if isinstance(arg, bytes) and len(arg) > 100]
    assert blobs == [bytes(fitted.model_)]
    assert len(text) < len(blobs[0]) + 1500
    modules = {arg for op, arg, _ in pickletools.genops(text) if isinstance(arg, str) and arg.startswith("molq.")}
    assert modules == {"molq.sklearn", "molq.face.model"}
    again = pickle.loads(text)
    np.testing.assert_array_equal(again.predict(smiles), fitted.predict(smiles))


def test_molecules_that_cannot_be_read(classifier: GNNClassifier, regressor: GNNRegressor) -> None:
    bad = ["CCO", "C1CC", None, "CCN"]
    with pytest.raises(InputError, match=r"2 of 4 molecules cannot be read: row 1, 'C1CC': unparsable.*row 2, ''"):
        GNNClassifier(**SMALL).fit(bad, [0, 1, 0, 1])
    assert np.isnan(classifier.predict_proba(bad)).all(axis=1).tolist() == [False, True, True, False]
    assert np.isnan(regressor.predict(bad)).tolist() == [False, True, True, False]
    with pytest.raises(InputError, match=r"row 1, 'C1CC'"):
        classifier.predict(bad)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0] * 6, "1 classes"),
        ([0.5, 0.1, 0.2, 0.7, 0.9, 0.3], "y is continuous"),
        (np.eye(6)[:, :2], "y is multilabel-indicator.*molq.train"),
        ([0, 1, 0], "X holds 6 molecules and y 3 labels"),
    ],
)
def test_labels_that_cannot_be_classes(smiles: list[str], y: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        GNNClassifier(**SMALL).fit(smiles[:6], y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a"] * 6, "no number"),
        ([1, 2, 3, 4, 5, np.inf], r"y, row 5: \[inf\]"),
        ([1, 2, None, 4, 5, 6], "y, row 2"),
        (np.zeros((6, 1, 1)), "3 dimensions"),
    ],
)
def test_labels_that_cannot_be_numbers(smiles: list[str], y: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        GNNRegressor(**SMALL).fit(smiles[:6], y)


def test_parameters_are_checked_when_fitted(smiles: list[str], labels: np.ndarray) -> None:
    with pytest.raises(InputError, match="validation_fraction"):
        GNNClassifier(**SMALL, validation_fraction=1.0).fit(smiles, labels)
    with pytest.raises(InputError, match="epochs"):
        GNNClassifier(epochs=0).fit(smiles, labels)
    assert GNNClassifier(**SMALL, validation_fraction=0.0).fit(smiles, labels).predict(smiles).shape == (90,)
    with pytest.raises(InputError, match="2 columns"):
        GNNClassifier(**SMALL).fit(np.array([["C", "C"]] * 2), [0, 1])
    with pytest.raises(NotFittedError):
        GNNRegressor().predict(["C"])


CHECKS = (
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_get_params_invariance",
    "check_set_params",
)
"""those of scikit-learn's checks that feed the estimator no arrays of numbers"""


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("estimator", [GNNClassifier(**SMALL), GNNRegressor(**SMALL)], ids=["classifier", "regressor"])
def test_the_checks_of_scikit_learn(check: str, estimator: GNNClassifier | GNNRegressor) -> None:
    getattr(estimator_checks, check)(type(estimator).__name__, estimator)


@pytest.mark.parametrize("kind", [GNNClassifier, GNNRegressor])
def test_it_is_made_without_arguments(kind: type) -> None:
    estimator_checks.check_parameters_default_constructible(kind.__name__, kind())


def test_text_after_smiles_is_warned_of_once(smiles: list[str], labels: np.ndarray) -> None:
    named = [f"{text} name" for text in smiles]
    with pytest.warns(MolqWarning, match=f"{len(smiles)} rows hold text after their SMILES") as told:
        estimator = GNNClassifier(**SMALL).fit(named, labels)
    assert len(told) == 1
    with pytest.warns(MolqWarning, match=f"{len(smiles)} rows hold text after their SMILES") as told:
        estimator.predict_proba(named)
    assert len(told) == 1

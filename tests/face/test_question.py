"""An answer has the shape of its question."""

from __future__ import annotations

from collections import deque

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from rdkit import Chem

import molq
from molq.errors import InputError
from molq.face.question import read_question

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "c1ccccc", None, "CCO"]


@pytest.fixture(scope="module")
def expected(bace: molq.Model) -> np.ndarray:
    scores = bace.predict(SMILES)
    assert scores.dtype == np.float32
    assert np.isnan(scores).tolist() == [False, True, True, False]
    return scores


@pytest.mark.parametrize("form", [list, tuple, deque, lambda s: np.array(s, object), pd.Index])
def test_a_list_gives_an_array(bace: molq.Model, expected: np.ndarray, form) -> None:
    np.testing.assert_array_equal(bace.predict(form(SMILES)), expected)


def test_an_array_of_text_gives_an_array(bace: molq.Model, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(bace.predict(np.array([SMILES[0], SMILES[3]])), expected[[0, 3]])


@pytest.mark.parametrize("dtype", [object, "str", "string", "category", "string[pyarrow]"])
def test_a_pandas_series_gives_a_series_named_by_the_task(bace: molq.Model, expected: np.ndarray, dtype: str) -> None:
    question = pd.Series(SMILES, index=["a", "b", "b", "d"], name="smiles", dtype=dtype)
    answer = bace.predict(question)
    assert isinstance(answer, pd.Series)
    assert answer.name == "Class"
    assert answer.dtype == np.float32
    pd.testing.assert_index_equal(answer.index, question.index)
    np.testing.assert_array_equal(answer.to_numpy(), expected)


def test_several_tasks_give_a_frame_with_the_same_index(clintox: molq.Model) -> None:
    index = pd.MultiIndex.from_tuples([("x", 1), ("x", 2), ("y", 1), ("y", 1)], names=["plate", "well"])
    answer = clintox.predict(pd.Series(SMILES, index=index))
    assert isinstance(answer, pd.DataFrame)
    assert list(answer.columns) == list(clintox.tasks)
    pd.testing.assert_index_equal(answer.index, index)
    np.testing.assert_array_equal(answer.to_numpy(), clintox.predict(SMILES))


def test_polars_gives_polars_and_null_where_there_is_no_score(
    bace: molq.Model, clintox: molq.Model, expected: np.ndarray
) -> None:
    question = pl.Series("smiles", SMILES)
    answer = bace.predict(question)
    assert isinstance(answer, pl.Series)
    assert (answer.name, answer.dtype) == ("Class", pl.Float32)
    assert answer.is_null().to_list() == [False, True, True, False]
    np.testing.assert_array_equal(answer.to_numpy(), expected)
    frame = clintox.predict(question)
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == list(clintox.tasks)


def test_pyarrow_gives_pyarrow(bace: molq.Model, clintox: molq.Model, expected: np.ndarray) -> None:
    question = pa.chunked_array([SMILES[:1], SMILES[1:]])
    answer = bace.predict(question)
    assert answer.type == pa.float32()
    assert answer.null_count == 2
    assert clintox.predict(question).column_names == list(clintox.tasks)


def test_a_series_of_rdkit_molecules(bace: molq.Model, expected: np.ndarray) -> None:
    mols = pd.Series([Chem.MolFromSmiles(s) if s and s != "c1ccccc" else None for s in SMILES])
    np.testing.assert_array_equal(bace.predict(mols).to_numpy(), expected)


def test_reasons_have_the_shape_too(bace: molq.Model) -> None:
    texts = [None, "unparsable SMILES: unclosed ring", "missing value", None]
    assert bace.predict(SMILES, reasons=True).reasons.tolist() == texts
    frame = bace.predict(pd.Series(SMILES, index=list("abcd")), reasons=True).reasons
    assert frame.name == "reason"
    assert frame.index.tolist() == list("abcd")
    assert frame.isna().tolist() == [True, False, False, True]
    assert bace.predict(pl.Series(SMILES), reasons=True).reasons.to_list() == texts
    assert bace.predict(["C"], reasons=True).reasons.tolist() == [None]


def test_nothing_gives_nothing_of_the_same_kind(bace: molq.Model, clintox: molq.Model) -> None:
    assert bace.predict([]).shape == (0,)
    assert clintox.predict([]).shape == (0, 2)
    assert bace.predict(pd.Series([], dtype=object)).empty
    assert bace.predict([], reasons=True).reasons.shape == (0,)


def test_a_column_of_missing_values_is_no_error(bace: molq.Model) -> None:
    assert bace.predict(pd.Series([None, float("nan")], dtype=float)).isna().all()
    assert np.isnan(bace.predict([None, pd.NA])).all()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("CCO", "CCO is one molecule; put it in a list"),
        (Chem.MolFromSmiles("C"), "is one molecule"),
        (np.array("C"), r"shape \(\)"),
        (np.array([["C", "N"]]), r"shape \(1, 2\).*give one of shape \[n\]"),
        (pd.DataFrame({"smiles": ["C"], "y": [1]}), r"\(smiles, y\).*df\['smiles'\]"),
        (pl.DataFrame({"smiles": ["C"]}), "a DataFrame has many columns"),
        (pl.LazyFrame({"smiles": ["C"]}), "a DataFrame has many columns"),
        ({"C"}, "set is no list of molecules"),
        ({"C": 1}, "dict is no list of molecules"),
        (5, "int is no list"),
        (None, "NoneType is no list"),
        ([1, 2], "none of the 2 values is a SMILES or a molecule; value 0 is '1', of type int"),
        (pd.Series([None, 1.5]), "value 1 is '1.5', of type float"),
    ],
)
def test_what_is_no_list_of_molecules_is_told_so(asked: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_question(asked)

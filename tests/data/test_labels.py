from __future__ import annotations

import gzip
import math
from pathlib import Path

import numpy as np
import pytest

from molq.chem.featurize import featurize
from molq.chem.recipe import PLAIN, Recipe
from molq.data.checksum import content_sha256
from molq.data.labels import load_dataset, read_labelled
from molq.data.registry import dataset_info
from molq.errors import InputError


@pytest.fixture
def table(tmp_path):
    def write(text: str, filename: str = "mine.csv") -> Path:
        path = tmp_path / filename
        path.write_bytes(gzip.compress(text.encode()) if filename.endswith(".gz") else text.encode())
        return path

    return write


@pytest.mark.parametrize("filename", ["mine.csv", "mine.csv.gz"])
def test_molecules_labels_and_gaps(table, filename):
    path = table("name,smiles,a,b\nx,CCO,1,\ny,c1ccccc1,0,1.0\nz,CN,,0\n", filename)
    labelled = read_labelled(path, tasks=["b", "a"])
    assert labelled.name == "mine"
    assert labelled.smiles == ["CCO", "c1ccccc1", "CN"]
    np.testing.assert_array_equal(labelled.labels, np.array([[math.nan, 1], [1, 0], [0, math.nan]], np.float32))
    assert labelled.labels.dtype == np.float32
    assert (labelled.kind, labelled.tasks, labelled.rejected) == ("classification", ("b", "a"), [])
    assert np.diff(labelled.graphs.atom_ptr).tolist() == [3, 6, 2]
    assert labelled.sha256 == content_sha256(path)


@pytest.mark.parametrize("gap", ["", " ", "nan", "NaN", "NA", "null"])
def test_spellings_of_a_missing_label(table, gap):
    labelled = read_labelled(table(f"smiles,a\nC,1\nCC,{gap}\n"), tasks=["a"])
    assert np.isnan(labelled.labels[1, 0])


def test_refused_rows_are_reported_with_their_row(table):
    labelled = read_labelled(table("smiles,a\nCCO,1\nnot a molecule,0\nCC,0\nC(C)(C)(C)(C)C,1\n"), tasks=["a"])
    assert labelled.rows.tolist() == [0, 2]
    assert labelled.labels[:, 0].tolist() == [1, 0]
    assert [r.row for r in labelled.rejected] == [1, 3]
    assert labelled.rejected[1].smiles == "C(C)(C)(C)(C)C"
    assert all(r.reason for r in labelled.rejected)


def test_a_row_the_reader_refuses_shifts_no_other(table):
    labelled = read_labelled(table("smiles,a\nCCO,1\nCC,0,odd\nCN,0\nnot a molecule,1\nCF,1\n"), tasks=["a"])
    assert labelled.rows.tolist() == [0, 2, 4]
    assert labelled.labels[:, 0].tolist() == [1, 0, 1]
    assert [r.row for r in labelled.rejected] == [1, 3]


def test_the_kind_is_read_off_the_labels_unless_given(table):
    assert read_labelled(table("smiles,a\nC,0\nCC,1\n"), tasks=["a"]).kind == "classification"
    assert read_labelled(table("smiles,a\nC,0\nCC,1.5\n"), tasks=["a"]).kind == "regression"
    assert read_labelled(table("smiles,a\nC,0\nCC,1\n"), tasks=["a"], kind="regression").kind == "regression"


@pytest.mark.parametrize(
    ("row", "kind", "message"),
    [
        ("2", "classification", r"mine\.csv, row 1, column 'a': '2' is neither 0 nor 1"),
        ("0.5", "classification", r"row 1, column 'a': '0.5' is neither"),
        ("strong", None, r"row 1, column 'a': 'strong' is not a number"),
        ("inf", "regression", r"row 1, column 'a': 'inf' is infinite"),
    ],
)
def test_a_bad_label_is_named_with_file_row_and_column(table, row, kind, message):
    with pytest.raises(InputError, match=message):
        read_labelled(table(f"smiles,a\nC,1\nCC,{row}\n"), tasks=["a"], kind=kind)


def test_an_absent_column_is_named_with_those_present(table):
    with pytest.raises(InputError, match=r"no column 'b' among 'smiles', 'a'"):
        read_labelled(table("smiles,a\nC,1\n"), tasks=["b"])


@pytest.mark.parametrize("text", ["smiles,a\nC,\nCC,\n", "smiles,a\n"])
def test_a_table_without_labels_is_refused(table, text):
    with pytest.raises(InputError, match="no label in a"):
        read_labelled(table(text), tasks=["a"])


def test_at_least_one_task_is_wanted(table):
    with pytest.raises(InputError, match="at least one label column"):
        read_labelled(table("smiles,a\nC,1\n"), tasks=[])


def test_an_unknown_kind_is_refused(table):
    with pytest.raises(InputError, match="kind 'ranking' is unknown"):
        read_labelled(table("smiles,a\nC,1\n"), tasks=["a"], kind="ranking")


def test_graphs_are_those_of_the_recipe(table):
    path, explicit, kept = (
        table("smiles,y\nC[C@H](N)O,1\nC,0\n[H]C,1\n"),
        Recipe(hydrogens="explicit"),
        Recipe(hydrogens="kept"),
    )
    read = read_labelled(path, tasks=["y"], recipe=explicit)
    assert np.diff(read.graphs.atom_ptr).tolist() == [11, 5, 5]
    assert read.graphs_by(explicit) is read.graphs
    assert np.diff(read.graphs_by(PLAIN).atom_ptr).tolist() == [4, 1, 1]
    assert read.subset([1]).recipe == explicit
    spelled = read_labelled(path, tasks=["y"], recipe=kept)
    assert np.diff(spelled.graphs.atom_ptr).tolist() == [4, 1, 2]
    assert spelled.same.tolist() == read.same.tolist() == [0, 1, 1]


def test_a_subset_keeps_rows_graphs_and_labels_together(table):
    labelled = read_labelled(table("smiles,a\nCCO,1\nbad!,0\nCC,0\nc1ccccc1,1\n"), tasks=["a"])
    subset = labelled.subset(np.array([2, 0]))
    assert subset.smiles == ["c1ccccc1", "CCO"]
    assert subset.rows.tolist() == [3, 0]
    assert subset.labels[:, 0].tolist() == [1, 1]
    assert subset.rejected == []
    expected = featurize(["c1ccccc1", "CCO"]).graphs
    assert all(np.array_equal(a, b) for a, b in zip(subset.graphs, expected, strict=True))


@pytest.mark.parametrize(
    ("name", "n", "positives"),
    [("bace", 1513, [691]), ("clintox", 1480, [1386, 112]), ("esol", 1128, None), ("freesolv", 642, None)],
)
def test_embedded_datasets(name, n, positives):
    labelled = load_dataset(name)
    info = dataset_info(name)
    assert (labelled.name, labelled.kind, labelled.tasks, labelled.sha256) == (name, info.kind, info.tasks, info.sha256)
    assert len(labelled) == labelled.graphs.n_mols == n
    assert len(labelled) + len(labelled.rejected) == info.rows
    if positives:
        assert (labelled.labels == 1).sum(axis=0).tolist() == positives


@pytest.mark.parametrize(
    ("name", "n_rejected", "negatives_and_positives"),
    [
        ("bbbp", 11, (479, 1560)),
        ("tox21", 8, None),
        ("sider", 0, (16661, 21868)),
        ("lipophilicity", 0, None),
        pytest.param("hiv", 7, None, marks=pytest.mark.slow),
    ],
)
def test_public_datasets(public_datasets, name, n_rejected, negatives_and_positives):
    labelled = load_dataset(name)
    assert len(labelled.rejected) == n_rejected
    assert len(labelled) + n_rejected == dataset_info(name).rows
    if negatives_and_positives:
        assert ((labelled.labels == 0).sum(), (labelled.labels == 1).sum()) == negatives_and_positives


def test_tox21_has_gaps(public_datasets):
    labels = load_dataset("tox21").labels
    assert 0.1 < np.isnan(labels).mean() < 0.2


def test_some_tasks_of_a_dataset():
    labelled = load_dataset("clintox", tasks=["CT_TOX"])
    assert labelled.tasks == ("CT_TOX",)
    assert (labelled.labels == 1).sum() == 112


def test_an_unknown_task_is_told_the_known():
    with pytest.raises(InputError, match="clintox has no task 'TOX'; its tasks are FDA_APPROVED, CT_TOX"):
        load_dataset("clintox", tasks=["TOX"])


def test_a_library_has_no_labels():
    with pytest.raises(InputError, match="zinc-sample is a compound library"):
        load_dataset("zinc-sample")

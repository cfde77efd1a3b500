from __future__ import annotations

import pytest
from small import write_library, write_table

from molq.data.sources import labelled_set, library_smiles, represented_smiles
from molq.errors import InputError, MolqWarning
from molq.records import sampling
from molq.remote.writing import put


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    write_table(folder)
    write_library(folder)
    return folder


def test_a_table_needs_tasks_and_a_registered_set_does_not(folder):
    assert labelled_set(str(folder / "table.csv"), ["active"]).tasks == ("active",)
    assert labelled_set("freesolv").kind == "regression"
    with pytest.raises(InputError, match="`tasks`"):
        labelled_set(str(folder / "table.csv"))


def test_what_is_neither_file_nor_set_is_refused():
    with pytest.raises(InputError, match=r"nowhere\.csv is neither a file nor a registered"):
        labelled_set("nowhere.csv", ["a"])
    with pytest.raises(InputError, match="nowhere is neither a file nor a registered"):
        library_smiles("nowhere")


def test_a_registered_set_of_another_kind_is_refused():
    with pytest.raises(InputError, match="freesolv is a regression set, and the model is for classification"):
        labelled_set("freesolv", kind="classification")


def test_a_library_is_a_file_or_any_registered_set(folder, tmp_path):
    assert len(library_smiles(str(folder / "library.smi"))) == 60
    assert len(library_smiles("bace")) == 1513
    (tmp_path / "none.csv").write_text("smiles\n")
    with pytest.raises(InputError, match="holds no molecule"):
        library_smiles(str(tmp_path / "none.csv"))


def test_how_a_library_was_read_is_warned_of(tmp_path):
    (tmp_path / "a.csv").write_text("smiles,x\nCC O,1\nCCN,2\n")
    with pytest.warns(MolqWarning, match="1 row holds text after its SMILES"):
        assert len(library_smiles(str(tmp_path / "a.csv"))) == 2


def test_what_is_to_be_represented_is_drawn_from_where_it_is_very_large(folder, tmp_path, monkeypatch):
    path = str(folder / "library.smi")
    assert represented_smiles(path) == library_smiles(path)
    assert represented_smiles("freesolv") == library_smiles("freesolv")
    (tmp_path / "large.csv").write_text("smiles\n" + "CCO\n" * 200_000)
    monkeypatch.setattr(sampling, "LARGE_BYTES", 1000)
    with pytest.warns(MolqWarning, match="pieces drawn at random"):
        assert 60_000 < len(represented_smiles(str(tmp_path / "large.csv"))) < 130_000


def test_a_labelled_table_in_a_store(folder, bucket):
    path = folder / "table.csv"
    put(path.read_bytes(), f"{bucket}/table.csv")
    here, there = (labelled_set(place, ["active"]) for place in (str(path), f"{bucket}/table.csv"))
    assert (there.name, there.sha256, there.smiles) == (here.name, here.sha256, here.smiles)

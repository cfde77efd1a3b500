from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from molq.data.labels import read_labelled
from molq.errors import InputError, MolqWarning
from molq.face.inputs import input_files, is_frame, name_of, on_disk, smiles_of


@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
def test_a_frame_is_the_table_of_its_text_and_its_tasks(library) -> None:
    frame = library.DataFrame(
        {
            "smiles": ["CCO", "CC, a name", None],
            "active": [True, False, None],
            "potency": [1.5, float("nan"), 3.0],
            "score": [0.1, 0.2, 0.3],
            "split": ["train", "test", "train"],
        }
    )
    with on_disk(frame, ["active", "potency"]) as source, Path(source).open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["smiles", "active", "potency", "split"],
            ["CCO", "1", "1.5", "train"],
            ["CC, a name", "0", "", "test"],
            ["", "", "3.0", "train"],
        ]
    assert not Path(source).exists()


def test_added_scores_do_not_make_a_frame_another_data_set() -> None:
    frame = pd.DataFrame({"smiles": ["CCO", "CCN", "CCC"], "y": [1.0, 0.0, np.nan]})

    def digest(data: pd.DataFrame) -> str:
        with on_disk(data, ["y"]) as source:
            return read_labelled(source, tasks=["y"]).sha256

    assert digest(frame) == digest(frame.assign(score=[0.5, 0.1, 0.2])) == digest(frame.set_index([[5, 6, 7]]))
    assert digest(frame) != digest(frame.assign(y=[1.0, 1.0, 0.0]))


def test_columns_of_other_objects_are_left_aside() -> None:
    frame = pd.DataFrame({"smiles": ["C"], "mol": [object()], "when": pd.to_datetime(["2024-01-01"]), "n": [1]})
    with on_disk(frame) as source:
        assert Path(source).read_text() == "smiles\nC\n"


def test_messages_call_the_table_what_it_is() -> None:
    frame = pd.DataFrame({"smiles": ["C", "CC"], "y": ["1", "high"]})
    with pytest.raises(InputError, match=r"^DataFrame, row 1, column 'y': 'high'"), on_disk(frame, ["y"]) as source:
        read_labelled(source, tasks=["y"])


def test_paths_and_names_pass() -> None:
    for data in ("bace", "a/b.csv", Path("x.csv")):
        with on_disk(data) as source:
            assert source == str(data)


def test_smiles_of_every_kind_of_input(tmp_path: Path) -> None:
    expected = ["CCO", "", "c1ccccc1"]
    path = tmp_path / "pool.csv"
    path.write_text("smiles,id\nCCO,a\n,b\nc1ccccc1,c\n")
    assert smiles_of(path) == smiles_of(str(path)) == expected
    column = [" CCO ", None, "c1ccccc1"]
    assert smiles_of(column) == smiles_of(pd.Series(column)) == smiles_of(pl.Series(column)) == expected
    assert smiles_of(np.array(column, object)) == expected
    assert smiles_of(pd.DataFrame({"smiles": column})) == smiles_of(pl.DataFrame({"smiles": column})) == expected
    assert len(smiles_of("bace")) == 1513


def test_a_row_that_cannot_be_read_is_warned_of_and_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "pool.csv"
    path.write_text("smiles,id\nCCO,a\nCCN,b,c,d\nCC,e\n")
    with pytest.warns(MolqWarning, match=r"pool.csv, row 1: "):
        assert smiles_of(path) == ["CCO", "", "CC"]


def test_the_files_that_are_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bace, model, *others = input_files("bace", "bace-dmpnn", None, pd.DataFrame({"a": [1]}), "-", tmp_path / "x.csv")
    assert bace.name.startswith("bace.csv")
    assert bace.is_file()
    assert model.name == "bace-dmpnn.molq"
    assert model.is_file()
    assert others == [Path("-"), tmp_path / "x.csv"]
    monkeypatch.chdir(tmp_path)
    for name in ("bace", "bace-dmpnn"):
        Path(name).write_text("a file that is called so comes first")
    assert input_files("bace", "bace-dmpnn") == [Path("bace"), Path("bace-dmpnn")]


def test_letters_that_are_none_do_not_stop_a_frame() -> None:
    with on_disk(pd.DataFrame({"smiles": ["C"], "name": ["caf\udce9"]}, dtype=object)) as source:
        assert Path(source).read_text() == "smiles,name\nC,caf\\udce9\n"


def test_what_is_a_frame() -> None:
    assert is_frame(pd.DataFrame({"a": [1]}))
    assert is_frame(pl.DataFrame({"a": [1]}))
    assert not any(is_frame(other) for other in (pd.Series([1]), pl.Series([1]), ["C"], "bace", None, np.array([1])))


def test_molecules_have_a_name_in_tables() -> None:
    assert name_of(Path("a/b.csv")) == "a/b.csv"
    assert name_of(["C"]) == name_of(pd.Series(["C"])) == "LIBRARY"


def test_text_after_smiles_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "pool.csv").write_text("smiles,id\nCC O,a\nCCN,b\n")
    for molecules in (tmp_path / "pool.csv", ["CC O", "CCN"], pd.Series(["CC O", "CCN"])):
        with pytest.warns(MolqWarning, match="1 row holds text after its SMILES"):
            assert smiles_of(molecules) == ["CC O", "CCN"]


def test_a_carriage_return_in_a_cell_ends_no_row() -> None:
    frame = pd.DataFrame({"smiles": ["CCO", "CCN"], "name": ["old\rmac", "next"]})
    assert smiles_of(frame) == ["CCO", "CCN"]

import pytest

from molq.data.column_split import column_split
from molq.data.labels import read_labelled
from molq.errors import InputError


def write(tmp_path, sides):
    path = tmp_path / "t.csv"
    smiles = ["CCO", "C((", "CCN", "CCC", "CO"]
    rows = [f"{s},{i % 2},{side}" for i, (s, side) in enumerate(zip(smiles, sides, strict=True))]
    path.write_text("\n".join(["smiles,y,split", *rows]))
    return path, read_labelled(path, tasks=["y"])


def test_each_molecule_goes_where_its_row_says(tmp_path):
    path, labelled = write(tmp_path, ["test", "train", "val", "Train", "valid"])
    split = column_split(path, "split", labelled)
    assert [labelled.smiles[i] for i in split.train] == ["CCC"]
    assert [labelled.smiles[i] for i in split.valid] == ["CCN", "CO"]
    assert [labelled.smiles[i] for i in split.test] == ["CCO"]
    assert (split.method, split.seed, split.fractions) == ("column split", None, (0.25, 0.5, 0.25))


def test_the_odd_row_is_named(tmp_path):
    path, labelled = write(tmp_path, ["test", "train", "val", "holdout", "valid"])
    with pytest.raises(InputError, match=r"row 3.*'holdout'"):
        column_split(path, "split", labelled)
    with pytest.raises(InputError, match="no column 'fold'"):
        column_split(path, "fold", labelled)


def test_something_must_be_trained_on(tmp_path):
    path, labelled = write(tmp_path, ["test", "train", "val", "test", "valid"])
    with pytest.raises(InputError, match="no row says train"):
        column_split(path, "split", labelled)

import csv

import numpy as np
import pytest

from molq.calibset.spec import GIVEN, CalibrationSpec, ChosenSet, read_calibset, write_calibset
from molq.errors import InputError, MolqWarning, OutputError


@pytest.fixture
def calibset() -> ChosenSet:
    spec = CalibrationSpec("scaffold", 3, seed=7)
    return ChosenSet(["CCO", "c1ccccc1", "CC(=O)O"], np.array([4, 0, 9]), spec, {"scaffold": 1 / 3, "strata": 2.0})


def test_a_written_set_comes_back_whole(calibset, tmp_path):
    write_calibset(tmp_path / "c.csv", calibset)
    back = read_calibset(tmp_path / "c.csv")
    assert back.smiles == calibset.smiles
    assert back.rows.tolist() == [4, 0, 9]
    assert (back.spec, back.coverage, back.sha256) == (calibset.spec, calibset.coverage, calibset.sha256)


def test_the_file_is_plain_csv(calibset, tmp_path):
    write_calibset(tmp_path / "c.csv", calibset)
    with open(tmp_path / "c.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["smiles"], r["row"]) for r in rows] == [("CCO", "4"), ("c1ccccc1", "0"), ("CC(=O)O", "9")]


def test_an_edited_set_no_longer_claims_how_it_was_made(calibset, tmp_path):
    path = tmp_path / "c.csv"
    write_calibset(path, calibset)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    back = read_calibset(path)
    assert (back.spec, back.coverage) == (CalibrationSpec(GIVEN, 2), {})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("strategy", ""),
        ("strategy", None),
        ("seed", "abc"),
        ("seed", "-3"),
        ("seed", "7.0"),
        ("seed", None),
        ("coverage_scaffold", "n/a"),
        ("coverage_scaffold", "nan"),
    ],
)
def test_a_set_whose_making_cannot_be_read_is_one_of_unknown_making(calibset, tmp_path, column, value):
    path = tmp_path / "c.csv"
    write_calibset(path, calibset)
    with open(path, newline="") as file:
        rows = [{**row, column: value} for row in csv.DictReader(file)]
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if rows[0][name] is not None], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    back = read_calibset(path)
    assert (back.smiles, back.spec, back.coverage) == (calibset.smiles, CalibrationSpec(GIVEN, 3), {})


def test_a_set_made_elsewhere_is_read(tmp_path):
    path = tmp_path / "mine.smi"
    path.write_text("CCO ethanol\nc1ccccc1 benzene\n")
    back = read_calibset(path)
    assert back.smiles == ["CCO", "c1ccccc1"]
    assert back.rows.tolist() == [0, 1]
    assert back.spec.strategy == GIVEN


def test_an_empty_set_is_refused(tmp_path):
    (tmp_path / "c.csv").write_text("smiles,row\n")
    with pytest.raises(InputError, match="no molecules"):
        read_calibset(tmp_path / "c.csv")


def test_an_existing_file_is_replaced_only_by_force(calibset, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("precious")
    with pytest.raises(OutputError, match="`force`"):
        write_calibset(path, calibset)
    assert path.read_text() == "precious"
    write_calibset(path, calibset, force=True)
    assert read_calibset(path).smiles == calibset.smiles


def test_a_folder_that_is_absent_is_an_output_error(calibset, tmp_path):
    with pytest.raises(OutputError, match="no such directory"):
        write_calibset(tmp_path / "absent" / "c.csv", calibset)


@pytest.mark.parametrize(("size", "seed"), [(0, 0), (-5, 0), (10, -1)])
def test_impossible_specs_are_refused(size, seed):
    with pytest.raises(InputError):
        CalibrationSpec("scaffold", size, seed)


def test_how_a_set_was_read_is_warned_of(tmp_path):
    (tmp_path / "c.csv").write_text("smiles,x\nCC O,1\nCCN,2\n")
    with pytest.warns(MolqWarning, match="1 row holds text after its SMILES"):
        assert len(read_calibset(tmp_path / "c.csv").smiles) == 2

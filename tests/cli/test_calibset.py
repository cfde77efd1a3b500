import csv
import json

import pytest
from small import small_model, write_table
from typer.testing import CliRunner

from molq.calibset.spec import read_calibset
from molq.cli.calibset import app
from molq.errors import InputError, OutputError

RUNNER = CliRunner()


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.csv"
    rings = ["c1ccccc1", "c1ccncc1", "C1CCCCC1", "c1ccsc1"]
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "smiles"])
        writer.writerows([f"m{i}-{ring}", "C" * i + ring] for ring in rings for i in range(1, 11))
        writer.writerow(["broken", "C(("])
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    write_table(folder)
    return small_model(folder).path


def test_build_writes_a_set_and_prints_its_coverage(pool, tmp_path):
    out = tmp_path / "c.csv"
    done = RUNNER.invoke(app, ["build", str(pool), "--size", "8", "-o", str(out), "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    summary = json.loads(done.stdout)
    assert (summary["strategy"], summary["size"], summary["seed"]) == ("scaffold", 8, 0)
    assert summary["coverage"]["scaffold"] == 1.0
    assert summary["coverage"]["pool_rejected"] == 1
    assert read_calibset(out).sha256 == summary["sha256"]


def test_build_matches_another_library(pool, tmp_path):
    library, out = tmp_path / "library.smi", tmp_path / "c.csv"
    library.write_text("CCCCc1ccsc1\nCCCc1ccsc1\n")
    done = RUNNER.invoke(app, ["build", str(pool), "--match", str(library), "--size", "5", "-o", str(out)])
    assert done.exit_code == 0
    assert all("c1ccsc1" in smiles for smiles in read_calibset(out).smiles)


def test_the_column_named_is_that_of_files_alone(tmp_path):
    pool, out = tmp_path / "pool.csv", tmp_path / "c.csv"
    pool.write_text("Compound,SMILES\n" + "".join(f"{'C' * i}O,\n" for i in range(1, 10)))
    command = ["build", str(pool), "--smiles-column", "compound", "--match", "freesolv", "--size", "5"]
    done = RUNNER.invoke(app, [*command, "--workers", "1", "-o", str(out)], catch_exceptions=False)
    assert done.exit_code == 0
    assert len(read_calibset(out).smiles) == 5


def test_rows_that_cannot_be_read_are_noted_with_the_reason(tmp_path):
    pool, out = tmp_path / "pool.csv", tmp_path / "c.csv"
    pool.write_bytes(b"smiles,name\nCCO,alcohol\nCCN,caf\0\nCCC,caf\0\n")
    done = RUNNER.invoke(app, ["build", str(pool), "--size", "1", "-o", str(out)], catch_exceptions=False)
    assert "row 1: " in done.stderr
    assert "NUL byte" in done.stderr
    assert "1 more of its rows" in done.stderr


def test_build_keeps_what_exists(pool, tmp_path):
    out = tmp_path / "c.csv"
    out.write_text("precious")
    command = ["build", str(pool), "--size", "8", "-o", str(out)]
    assert isinstance(RUNNER.invoke(app, command).exception, OutputError)
    assert out.read_text() == "precious"
    assert RUNNER.invoke(app, [*command, "--force"]).exit_code == 0
    before = pool.read_bytes()
    assert isinstance(RUNNER.invoke(app, ["build", str(pool), "-o", str(pool), "--force"]).exception, OutputError)
    assert pool.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent/c.csv", "no such directory"),
        ("c.csv.gz", "ends so"),
        ("c.smi", "ends so"),
        ("folder.csv", "is a directory"),
    ],
)
def test_an_output_that_cannot_be_written_or_read_back_is_refused_at_once(tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    done = RUNNER.invoke(app, ["build", "absent.csv", "--force", "-o", str(tmp_path / name)])
    assert isinstance(done.exception, OutputError)
    assert message in str(done.exception)


def test_a_misspelt_data_set_is_said_to_be_none(tmp_path):
    done = RUNNER.invoke(app, ["build", "bacee", "-o", str(tmp_path / "c.csv")])
    assert isinstance(done.exception, InputError)
    assert "neither a file nor a registered data set" in str(done.exception)


def test_validate_looks_for_the_folder_of_its_report_at_once(pool, tmp_path):
    report = tmp_path / "absent" / "r.html"
    done = RUNNER.invoke(app, ["validate", "absent.csv", "--against", str(pool), "-o", str(report)])
    assert "no such directory" in str(done.exception)


def test_build_refuses_a_pool_that_is_too_small(pool, tmp_path):
    done = RUNNER.invoke(app, ["build", str(pool), "--size", "41", "-o", str(tmp_path / "c.csv")])
    assert isinstance(done.exception, InputError)
    assert not (tmp_path / "c.csv").exists()


def test_validate_prints_a_verdict_and_writes_a_report(pool, tmp_path):
    rings, report = tmp_path / "benzenes.smi", tmp_path / "r.html"
    rings.write_text("".join("C" * i + "c1ccccc1\n" for i in range(1, 13)))
    command = ["validate", str(rings), "--against", str(pool), "--draws", "200"]
    done = RUNNER.invoke(app, [*command, "--json", "-o", str(report)], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert found["verdict"] == "not representative"
    assert str(pool) in found["reasons"][0]["remedy"]
    assert "not representative" in report.read_text()
    assert isinstance(RUNNER.invoke(app, [*command, "-o", str(report)]).exception, OutputError)


def test_remedies_name_the_column_of_the_library(tmp_path):
    chosen, library = tmp_path / "chosen.smi", tmp_path / "the library.csv"
    chosen.write_text("".join("C" * i + "c1ccccc1\n" for i in range(1, 13)))
    library.write_text("the structure\n" + "".join("N" + "C" * i + "O\n" for i in range(1, 31)))
    command = ["validate", str(chosen), "--against", str(library), "--smiles-column", "the structure", "--json"]
    found = json.loads(RUNNER.invoke(app, [*command, "--draws", "200"], catch_exceptions=False).stdout)
    assert f"build '{library}' --smiles-column 'the structure' --strategy" in found["reasons"][0]["remedy"]
    assert found["library"] == str(library)


def test_validate_with_a_model_shows_call_sites_and_scores(pool, model, tmp_path):
    chosen, report = tmp_path / "chosen.smi", tmp_path / "r.html"
    chosen.write_text("".join("C" * i + "c1ccccc1\n" for i in range(1, 13)))
    command = ["validate", str(chosen), "--against", str(pool), "--draws", "200", "--model", str(model)]
    text = RUNNER.invoke(app, [*command, "-o", str(report)], catch_exceptions=False).stdout
    assert "not representative (p = " in text
    assert "encoder.W_h:0" in text
    assert "rank_disagreement" in text
    page = report.read_text()
    assert "What flows in the model" in page
    assert "<code>encoder.W_o_msg:0</code>" in page
    assert page.count("<svg") > 20


def test_a_model_is_no_output(pool, model, tmp_path):
    chosen = tmp_path / "chosen.smi"
    chosen.write_text("CCO\n")
    before = model.read_bytes()
    command = ["validate", str(chosen), "--against", str(pool), "--model", str(model), "-o", str(model), "--force"]
    assert isinstance(RUNNER.invoke(app, command).exception, OutputError)
    assert model.read_bytes() == before


def test_build_covers_the_activations_of_a_model(pool, model, tmp_path):
    out = tmp_path / "c.csv"
    command = ["build", str(pool), "--size", "8", "-o", str(out), "--strategy", "activation"]
    assert "name it with --model" in str(RUNNER.invoke(app, command).exception)
    done = RUNNER.invoke(app, [*command, "--model", str(model), "--json"], catch_exceptions=False)
    assert json.loads(done.stdout)["coverage"]["channels_covered"] > 0
    assert read_calibset(out).spec.strategy == "activation"
    wrong = [*command[:-1], "random", "--model", str(model), "--force"]
    assert "looks at chemistry alone" in str(RUNNER.invoke(app, wrong).exception)

from __future__ import annotations

import json
import re
import shlex

import pytest
from small import small_model, write_library, write_table
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import OutputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    write_table(folder)
    write_library(folder)
    small_model(folder)
    return folder


def run(folder, out, *arguments):
    usual = ["--dataset", folder / "table.csv", "--task", "active", "--model", folder / "m.molq", "--resamples", "100"]
    usual += ["--library", folder / "library.smi", "--calib-size", "20", "--scheme", "int8", "-o", out]
    return CliRunner().invoke(app, ["study", *map(str, usual), *arguments])


def test_the_table_goes_to_stdout(folder, tmp_path):
    done = run(folder, tmp_path / "out")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [lines[0].split()[0], lines[2].split()[0], lines[3].split()[0]] == ["scheme", "fp32", "int8"]
    assert "32 test molecules" in done.stdout
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert written == {
        *("results.json", "results.csv", "scores.csv", "calibset.csv", "report.html"),
        *("models/fp32.molq", "models/int8.molq"),
    }
    assert isinstance(run(folder, tmp_path / "out").exception, OutputError)
    assert run(folder, tmp_path / "out", "--force").exit_code == 0


def test_json_is_results_json(folder, tmp_path):
    done = run(folder, tmp_path / "out", "--json", "--seed", "3", "--calib-strategy", "random")
    results = json.loads(done.stdout)
    assert results == json.loads((tmp_path / "out" / "results.json").read_text())
    assert (results["calibration"]["strategy"], results["calibration"]["seed"]) == ("random", 3)
    page = re.sub(r"</?span>", "", (tmp_path / "out" / "report.html").read_text())
    assert results["command"] in page.replace("&#39;", "'")


def test_the_command_that_is_written_down_makes_the_same_study(folder, tmp_path):
    first = json.loads(run(folder, tmp_path / "out", "--json").stdout)
    words = shlex.split(first["command"])
    assert words[0] == "molq"
    again = CliRunner().invoke(app, [*words[1:], "--force", "--json"])
    second = json.loads(again.stdout)
    assert second["command"] == first["command"]
    assert [v["roc_auc"] for v in second["variants"]] == [v["roc_auc"] for v in first["variants"]]
    assert [v["content_hash"] for v in second["variants"]] == [v["content_hash"] for v in first["variants"]]


def test_what_was_typed_is_written_down_but_for_force_and_json(folder, tmp_path):
    done = run(folder, tmp_path / "out", "--json", "--seed", "0", "--calib-strategy", "random")
    command = json.loads(done.stdout)["command"]
    assert command.startswith(f"molq study --dataset {folder / 'table.csv'} --output {tmp_path / 'out'} --task active ")
    assert "--seed 0" in command
    assert "--calib-strategy random" in command
    assert "--json" not in command

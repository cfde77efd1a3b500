from __future__ import annotations

import json

import pytest
from faults import fragments
from small import small_model, write_library, write_table
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import InputError, OutputError, UnsupportedError
from molq.store.molqfile import load

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """m.molq, and q.molq calibrated on fragments."""
    folder = tmp_path_factory.mktemp("small")
    write_table(folder)
    write_library(folder)
    small_model(folder)
    (folder / "c.smi").write_text("\n".join(fragments().calibset.smiles) + "\n")
    done = run(folder, "quantize", "@m.molq", "--calibset", "@c.smi", "-o", "@q.molq")
    assert done.exit_code == 0, done.output
    return folder


def run(folder, *words: str):
    return RUNNER.invoke(app, [word.replace("@", f"{folder}/") for word in words])


def test_the_fix_is_written_with_its_set_and_can_be_made_again(folder):
    words = ("diagnose", "@q.molq", "--reference", "@m.molq", "--data", "@library.smi", "--calibset", "@c.smi")
    before = (folder / "q.molq").read_bytes()
    done = run(folder, *words, "--fix", "-o", "@fixed.molq", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["causes"][0]["name"] == "calibration set"
    assert found["target"]["labelled"] is False
    assert found["remedies"][0]["recovered"] > 0.8
    assert "--fix" in found["commands"][0]
    assert load(folder / "fixed.molq").size_bytes == found["fixed"]["size_bytes"]
    assert (folder / "q.molq").read_bytes() == before
    again = run(folder, "quantize", "@m.molq", "--calibset", "@fixed.calibset.csv", "-o", "@again.molq")
    assert again.exit_code == 0, again.output
    assert (folder / "again.molq").read_bytes() == (folder / "fixed.molq").read_bytes()
    assert isinstance(run(folder, *words, "--fix", "-o", "@fixed.molq").exception, OutputError)


def test_outputs_and_fixes_go_together(folder):
    words = ("diagnose", "@q.molq", "--reference", "@m.molq", "--data", "@library.smi")
    assert isinstance(run(folder, *words, "--fix").exception, InputError)
    assert isinstance(run(folder, *words, "-o", "@f.molq").exception, InputError)
    assert isinstance(run(folder, *words, "--fix", "-o", "@q.molq", "--force").exception, OutputError)
    swapped = run(folder, "diagnose", "@m.molq", "--reference", "@q.molq", "--data", "@library.smi")
    assert isinstance(swapped.exception, UnsupportedError)

from __future__ import annotations

import html
import json
import re
import shlex

import pytest
from faults import fragments
from small import small_model, write_library, write_table
from typer.testing import CliRunner

from molq.cli import diagnose
from molq.cli.main import app
from molq.errors import InputError, OutputError, UnsupportedError
from molq.store.molqfile import load
from molq.workflows.diagnosis import steps

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


def test_the_printed_command_writes_the_measured_fix(folder, monkeypatch):
    monkeypatch.setattr(steps, "_N_DRAWS", 20)
    words = ("diagnose", "@q.molq", "--reference", "@m.molq", "--data", "@library.smi", "--calibset", "@c.smi")
    before = (folder / "q.molq").read_bytes()
    done = run(folder, *words, "--seed", "5", "--json", "--report", "@page.html")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["causes"][0]["name"] == "calibration set"
    assert found["target"]["labelled"] is False
    assert found["remedies"][0]["recovered"] > 0.8
    check_page((folder / "page.html").read_text(), found)
    monkeypatch.chdir(folder)
    fix = [*shlex.split(found["commands"][0])[1:], "--json"]
    assert "--fix" in fix
    fixed = json.loads(RUNNER.invoke(app, fix).stdout)["fixed"]
    assert load(folder / "FIXED.molq").content_hash == fixed["content_hash"]
    assert (folder / "q.molq").read_bytes() == before
    again = [word.replace("FIXED.molq", "again.molq") for word in shlex.split(fixed["command"])[1:]]
    assert RUNNER.invoke(app, again).exit_code == 0
    assert (folder / "again.molq").read_bytes() == (folder / "FIXED.molq").read_bytes()
    assert isinstance(RUNNER.invoke(app, fix).exception, OutputError)


def check_page(page: str, found: dict) -> None:
    assert "http" not in page.replace("http://www.w3.org", "")
    assert page.count('<figure class="card">') == len(found["sites"])
    assert all(html.escape(remedy["name"]) in page for remedy in found["remedies"])
    assert html.escape(found["commands"][0]) in re.sub(r"</?span>", "", page)


def test_outputs_and_fixes_go_together(folder):
    words = ("diagnose", "@q.molq", "--reference", "@m.molq", "--data", "@library.smi")
    assert isinstance(run(folder, *words, "--fix").exception, InputError)
    assert isinstance(run(folder, *words, "-o", "@f.molq").exception, InputError)
    assert isinstance(run(folder, *words, "--fix", "-o", "@q.molq", "--force").exception, OutputError)
    over = run(folder, *words, "--report", "@library.smi", "--force")
    assert isinstance(over.exception, OutputError)
    assert isinstance(run(folder, *words, "--report", "@missing/page.html").exception, OutputError)
    same = run(folder, *words, "--fix", "-o", "@f.molq", "--report", "@f.molq")
    assert isinstance(same.exception, OutputError)
    swapped = run(folder, "diagnose", "@m.molq", "--reference", "@q.molq", "--data", "@library.smi")
    assert isinstance(swapped.exception, UnsupportedError)


def test_a_diagnosis_is_shown_though_its_output_appeared_meanwhile(folder, monkeypatch):
    def refused(*_arguments):
        raise OutputError("f.molq appeared meanwhile")

    assert run(folder, "quantize", "@m.molq", "--scheme", "fp16", "-o", "@half.molq").exit_code == 0
    monkeypatch.setattr(diagnose, "_fixed", refused)
    words = ("diagnose", "@half.molq", "--reference", "@m.molq", "--data", "@library.smi", "--report", "@half.html")
    done = run(folder, *words, "--fix", "-o", "@f.molq")
    assert "As good as float" in done.stdout
    assert (folder / "half.html").exists()
    assert "appeared meanwhile" in str(done.exception)

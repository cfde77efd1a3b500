"""Bundled models by name, from any directory, in every command that takes a model."""

from __future__ import annotations

import json

import pytest
import typer.main
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import InputError

MISSPELT = "bace-dmpn"
WORDS = {
    "info": (MISSPELT,),
    "card": (MISSPELT,),
    "export": (MISSPELT, "-o", "m.onnx"),
    "serve": (MISSPELT,),
    "screen": (MISSPELT, "zinc-sample", "-o", "s.csv"),
    "space screen": (MISSPELT, "s.txt", "-o", "h.csv"),
    "plan": (MISSPELT, "zinc-sample", "--rate", "1000"),
    "hits": ("p.csv", "--model", MISSPELT),
    "quantize": (MISSPELT, "--scheme", "fp16", "-o", "q.molq"),
    "evaluate": ("bace-dmpnn", MISSPELT, "--data", "bace"),
    "sensitivity": (MISSPELT, "--data", "bace"),
    "diagnose": ("bace-dmpnn", "--reference", MISSPELT, "--data", "bace"),
    "study": ("--dataset", "bace", "--model", MISSPELT, "-o", "s"),
    "calibset build": ("bace", "--strategy", "activation", "--model", MISSPELT, "-o", "c.csv"),
    "calibset validate": ("c.smi", "--against", "bace", "--model", MISSPELT),
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "c.smi").write_text("CCO\nCCN\n")
    (tmp_path / "s.txt").write_text("SMILES synton_id synton# reaction_id\n[1*]C a 0 r\n[1*]N b 1 r\n")
    (tmp_path / "p.csv").write_text("smiles,p\nCCO,1\nCCN,2\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str):
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize("command", WORDS)
def test_every_command_knows_them(command):
    done = run(*command.split(), *WORDS[command])
    assert isinstance(done.exception, InputError), done.output
    assert "did you mean bace-dmpnn?" in str(done.exception)


def test_no_command_that_takes_a_model_is_left_out():
    def commands(group, path=""):
        for name, command in group.commands.items():
            yield from commands(command, f"{name} ") if hasattr(command, "commands") else [(path + name, command)]

    takers = {
        name
        for name, command in commands(typer.main.get_command(app))
        if any(
            parameter.metavar in ("M.molq", "M.molq...") and parameter.name != "output" for parameter in command.params
        )
    }
    assert takers == set(WORDS)


def test_a_model_is_described_and_screens_and_is_quantized(elsewhere):
    assert json.loads(run("info", "esol-dmpnn", "--json").stdout)["card"]["name"] == "esol-dmpnn"
    done = run("screen", "bace-dmpnn", "esol-dmpnn", "c.smi", "-o", "s.csv", "--workers", "0", "--json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)["tasks"]) == 2
    assert run("quantize", "bace-dmpnn", "--scheme", "fp16", "-o", "q.molq").exit_code == 0


def test_a_file_of_that_name_comes_first(elsewhere):
    (elsewhere / "esol-dmpnn").write_text("CCO\nCCN\nCCC\n")
    assert run("info", "esol-dmpnn").exit_code == 1

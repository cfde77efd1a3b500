from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import MissingShardsError

SMILES = ["C" * (1 + i % 9) + "O" * (i % 3) for i in range(90)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my library.csv").write_text("smiles,note\n" + "".join(f"{text},n\n" for text in SMILES))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def molq(*words: str):
    return CliRunner().invoke(app, words)


def screened(*words: str, output: str = "OUT"):
    done = molq("screen", "bace-dmpnn", "my library.csv", "-o", output, "--workers", "0", *words)
    assert done.exit_code == 0, done.output
    return done


def test_shards_screened_and_put_together(here, monkeypatch):
    done = screened("--shard", "2/2", "--columns", "note", "--max-atoms", "500")
    assert "molq merge OUT puts them together" in done.output
    missing = molq("merge", "OUT", "-o", "many.csv")
    assert isinstance(missing.exception, MissingShardsError)
    said, _, line = str(missing.exception).partition(": molq ")
    assert "1 of 2 shards is missing: 1; screen what is missing" in said
    again = molq(*shlex.split(line), "--workers", "0")
    assert again.exit_code == 0, again.output
    done = molq("merge", "OUT", "-o", "many.csv")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == "90 rows = 90 scored + 0 rejected"
    screened("--columns", "note", "--max-atoms", "500", output="one.csv")
    assert (here / "many.csv").read_bytes() == (here / "one.csv").read_bytes()
    best = molq("merge", "OUT", "-o", "best.parquet", "--top", "3", "--json")
    assert json.loads(best.stdout)["outputs"] == ["best.parquet"]
    piped = molq("merge", "OUT", "-o", "-")
    assert piped.stdout == (here / "one.csv").read_text()


def test_tasks_of_an_array_know_their_shard(here, monkeypatch):
    monkeypatch.setenv("PBS_ARRAY_INDEX", "3")
    screened("--shard", "auto/4")
    assert (here / "OUT" / "shard-3-of-4.json").exists()


@pytest.mark.parametrize("shard", ["0/5", "6/5", "3/x", "auto", ""])
def test_what_is_no_shard_is_refused_in_flags(shard):
    done = molq("screen", "bace-dmpnn", "my library.csv", "-o", "OUT", "--shard", shard)
    assert "--shard is " in str(done.exception)
    assert not Path("OUT").exists()


def test_json_and_scores_cannot_both_be_printed():
    assert "--json" in molq("merge", "OUT", "-o", "-", "--json").output

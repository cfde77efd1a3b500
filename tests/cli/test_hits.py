from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import InputError, OutputError
from molq.results.hits import Hits
from molq.serial import from_json

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def scores(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [("CCO", 0.1), ("O=[N+]([O-])c1ccccc1", 0.9), ("CCCCCC", 0.8), ("CC(C)O", 0.7)]
    (tmp_path / "s.csv").write_text("smiles,p\n" + "".join(f"{smiles},{p}\n" for smiles, p in rows))
    return tmp_path


def run(*words: str):
    return RUNNER.invoke(app, ["hits", *words])


def test_json_is_read_back_as_hits():
    done = run("s.csv", "--filter", "pains,brenk", "--filter", "zinc", "--property", "mw<500", "--json")
    assert done.exit_code == 0, done.output
    found = from_json(done.stdout, Hits, "stdout")
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4]
    assert found.filters == ("PAINS", "BRENK", "ZINC")
    assert "BRENK: nitro_group" in found.hits[0].alerts


def test_flags_drop_and_low_scores():
    done = run("s.csv", "--filter", "brenk", "--drop-alerts", "--lowest", "--top", "4", "--json")
    assert [hit["smiles"] for hit in json.loads(done.stdout)["hits"]] == ["CCO", "CC(C)O"]


def test_nothing_is_overwritten(scores):
    before = (scores / "s.csv").read_bytes()
    assert isinstance(run("s.csv", "-o", "s.csv", "--force").exception, OutputError)
    assert isinstance(run("s.csv", "-o", "a.csv", "-o", "a.csv").exception, OutputError)
    done = run("s.csv", "-o", "a.csv", "-o", "b.csv")
    assert done.exit_code == 0, done.output
    assert (scores / "a.csv").read_bytes() == (scores / "b.csv").read_bytes()
    again = run("s.csv", "-o", "c.csv", "-o", "b.csv")
    assert "--force" in str(again.exception)
    assert not (scores / "c.csv").exists()
    (scores / "t.csv").write_text("smiles,p\nCC,1\n")
    assert "is an input" in str(run("*.csv", "-o", "t.csv", "--force").exception)
    assert (scores / "s.csv").read_bytes() == before


def test_what_fails_is_told_in_flags():
    for words, says in {
        ("s.csv", "--property", "qed>1"): "--property",
        ("s.csv", "--filter", "none.smarts"): "--filter takes",
        ("s.csv", "-o", "h.doc"): "--output must end",
        ("s.csv", "--drop-alerts"): "--drop-alerts drops",
        ("s.csv", "--diverse-by", "x"): "--diverse-by is",
    }.items():
        done = run(*words)
        assert isinstance(done.exception, InputError), words
        assert says in str(done.exception)

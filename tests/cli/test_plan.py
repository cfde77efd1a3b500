from __future__ import annotations

import json

from typer.testing import CliRunner

from molq.cli.main import app


def molq(*words: str):
    return CliRunner().invoke(app, words)


def test_a_plan_with_a_rate_is_printed_at_once_for_every_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "library.smi").write_text("CCO a\n" * 30_000)
    done = molq("plan", "bace-dmpnn", "esol-dmpnn", "library.smi", "--rate", "0.5", "--cores", "8")
    assert done.exit_code == 0, done.output
    words = " ".join(done.output.split())
    assert words.startswith(
        "about 30,000 rows take 2.8 h on 8 cores with bace-dmpnn.molq: 16.7 core hours, in 6 shards"
    )
    assert "esol-dmpnn.molq 1." in words
    found = json.loads(molq("plan", "bace-dmpnn", "library.smi", "--rate", "0.5", "--json").stdout)
    assert (found["cores"], found["measured_rows"], found["output_bytes"]) == (64, 0, None)


def test_what_makes_no_sense_is_refused_in_flags(tmp_path):
    done = molq("plan", "bace-dmpnn", str(tmp_path / "gone.csv"), "--rate", "1")
    assert "no such file" in str(done.exception)
    assert "--cores is 0" in str(molq("plan", "bace-dmpnn", "bace", "--cores", "0").exception)

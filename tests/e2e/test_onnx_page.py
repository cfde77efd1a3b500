"""docs/onnx.md: its command and its script run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molq.cli.main import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "onnx.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    assert found is not None
    return found[1]


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(block("sh"))
    assert program == "molq"
    assert "opset 20" in CliRunner().invoke(app, words, catch_exceptions=False).stdout
    exec(block("python"), {"__name__": "__main__"})
    lines = capsys.readouterr().out.splitlines()
    assert len(block("python").splitlines()) <= 12
    assert lines[0].startswith("0 [0.0623")
    assert lines[1].startswith("2 [0.28")
    assert lines[2].startswith("{1: ")

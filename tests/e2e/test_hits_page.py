"""docs/hits.md: every command runs as pasted, and says what stands below it."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molq.cli.main import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "hits.md").read_text(encoding="utf-8")


def blocks() -> list[tuple[str, str]]:
    """(language, text) of every fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.M | re.S)


def test_every_command_runs_and_says_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = ""
    for language, text in blocks():
        if language == "text":
            assert " ".join(text.split()) in " ".join(said.split()), text
            continue
        said = ""
        for line in text.splitlines():
            program, *words = shlex.split(line)
            if program == "printf":
                subprocess.run(line, shell=True, check=True)
                continue
            assert program == "molq"
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception!r}"
            said += done.stdout
    written = {path.name for path in tmp_path.iterdir()}
    assert set(re.findall(r"-o (\S+)", PAGE)) <= written

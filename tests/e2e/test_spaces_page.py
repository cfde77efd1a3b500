"""docs/spaces.md: the walk runs as pasted, from reagents to pages."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molq.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "spaces.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_walk_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    (walk,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
    for line in walk.splitlines():
        program, *words = shlex.split(line)
        if program == "mkdir":
            subprocess.run([program, *words], check=True)
            continue
        assert program == "molq"
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception!r}"
    written = {path.name for path in (tmp_path / "demo" / "space").iterdir()}
    assert written == {"space.txt", "sample.csv", "best.csv", "best.html", "hits.html"}

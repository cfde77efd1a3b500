"""docs/onnx.md: its command and its script run as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "onnx.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    assert found is not None
    return found[1]


def test_the_page_runs(tmp_path: Path) -> None:
    def run(*command: str) -> str:
        done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    words = shlex.split(block("sh"))
    assert words[0] == "molq"
    assert "opset 20" in run("-m", *words)
    lines = run("-c", block("python")).splitlines()
    assert len(block("python").splitlines()) <= 12
    assert lines[0].startswith("0 [0.0623")
    assert lines[1].startswith("2 [0.28")
    assert lines[2].startswith("{1: ")

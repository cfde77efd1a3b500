"""A user's script that uses the whole public API passes ``mypy --strict``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def strict(script: Path, cache: Path) -> str:
    """What mypy says of the script alone, as of one that uses an installed molq."""
    options = ["--strict", "--follow-imports=silent", "--config-file=", "--no-error-summary", f"--cache-dir={cache}"]
    found = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(script)],
        env={**os.environ, "MYPYPATH": str(ROOT)},
        cwd=script.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout + found.stderr


def test_a_users_script_is_typed_to_the_last_argument(tmp_path: Path) -> None:
    assert (ROOT / "molq" / "py.typed").exists()
    assert strict(HERE / "user_script.py", ROOT / ".mypy_cache" / "face") == ""
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import molq\nmolq.load(5)\nx: int = molq.load('a').predict(['C'])\nmolq.nothing\n")
    told = strict(wrong, ROOT / ".mypy_cache" / "face").splitlines()
    assert [line.split("[")[-1] for line in told if "error" in line] == ["arg-type]", "assignment]", "attr-defined]"]

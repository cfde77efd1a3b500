"""A user's script that uses the whole public API passes ``mypy --strict``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


CONFIG = """
[mypy]
strict = true
follow_imports = silent
[mypy-torch.*,torch_geometric.*,sklearn.*,scipy.*,pyarrow.*,numba.*,pandas.*,matplotlib.*,fastapi.*,starlette.*,typer.*]
follow_imports = skip
ignore_missing_imports = true
"""
"""what stands behind the public API alone, and takes mypy longer than all else, is not followed"""


def strict(script: Path, config: Path) -> str:
    """What mypy says of the script alone, as of one that uses an installed molq."""
    cache = ROOT / ".mypy_cache" / "face"
    options = [f"--config-file={config}", "--no-error-summary", f"--cache-dir={cache}"]
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
    config = tmp_path / "mypy.ini"
    config.write_text(CONFIG)
    assert strict(HERE / "user_script.py", config) == ""
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import molq\nmolq.load(5)\nx: int = molq.load('a').predict(['C'])\nmolq.nothing\n")
    told = strict(wrong, config).splitlines()
    assert [line.split("[")[-1] for line in told if "error" in line] == ["arg-type]", "assignment]", "attr-defined]"]

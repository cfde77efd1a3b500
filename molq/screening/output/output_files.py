"""Whether an output may be written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from molq.errors import OutputError


def check_output(output: Path, inputs: Sequence[str]) -> None:
    """Raises OutputError when the output is one of the inputs, or its folder does not exist."""
    if not output.parent.is_dir():
        raise OutputError(f"{output.parent}: no such directory")
    if output.is_dir():
        raise OutputError(f"{output}: a directory, not a file")
    for path in inputs:
        if output.exists() and os.path.exists(path) and os.path.samefile(output, path):
            raise OutputError(f"{output}: is an input of this run and is not overwritten")


def refuse_existing(output: Path, force: bool, resume: bool) -> None:
    """Raises OutputError when the output exists and may not be replaced."""
    unfinished = output.with_name(output.name + ".molq-run").exists()
    if output.exists() and not force and not (resume and unfinished):
        raise OutputError(f"{output}: exists already; --force replaces it")

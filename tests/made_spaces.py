"""Small spaces as files, and those of RDKit where they are at hand."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

HEADER = "SMILES\tsynton_id\tsynton#\treaction_id\n"
AMIDES = HEADER + "".join(
    f"{smiles}\t{name}\t{position}\tamide\n"
    for smiles, name, position in [
        ("c1ccccc1C(=O)[1*]", "benzoyl", 0),
        ("CC(=O)[1*]", "acetyl", 0),
        ("[1*]NC", "methylamine", 1),
        ("[1*]N1CCCC1", "pyrrolidine", 1),
        ("[1*]NCc1ccco1", "furfurylamine", 1),
    ]
)


def rdkits(name: str) -> Path:
    """A space of RDKit's own tests. Skips where it is not at hand."""
    path = Path(os.environ.get("MOLQ_DATA_DIR", "/nonexistent")) / "spaces" / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand: MOLQ_DATA_DIR has no spaces")
    return path


def lines_of(path: Path) -> list[str]:
    with gzip.open(path, "rt") as file:
        return file.read().splitlines()

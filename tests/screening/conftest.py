"""Small libraries and a stand-in model file for the screening tests."""

from __future__ import annotations

import csv
import gzip
import os
import sys
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))  # so that worker processes find fake_scorers

FRAGMENTS = ["C", "N", "O", "c1ccccc1", "C(=O)N", "C(F)(F)C", "S(=O)(=O)N", "C1CCNCC1", "[C@@H](C)O", "C(Cl)"]


def make_smiles(n: int) -> list[str]:
    """n different molecules of two to five fragments."""
    molecules = []
    for i in range(n):
        digits = [i % 10, i // 10 % 10, i // 100 % 10, i // 1000 % 10]
        molecules.append("C" * (1 + i % 3) + "C".join(FRAGMENTS[d] for d in digits[: 2 + i % 3]) + "C")
    return molecules


@pytest.fixture(scope="session")
def smiles() -> list[str]:
    return make_smiles(1500)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.molq"
    path.write_bytes(b"a stand-in: the fake scorers do not read it")
    return path


@pytest.fixture
def library(tmp_path: Path, smiles: list[str]) -> Path:
    """1,500 rows with ids; every hundredth row is rejected."""
    path = tmp_path / "library.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["smiles", "id", "price"])
        for i, text in enumerate(smiles):
            writer.writerow(["C(" if i % 100 == 7 else text, f"M{i}", i * 0.5])
    return path


@pytest.fixture
def fake_screen(model: Path):
    """screen() with the descriptor scorer: fake_screen(library, output, ...)."""
    from fake_runs import screen

    return partial(screen, model)


@pytest.fixture
def dataset(tmp_path: Path):
    """The first rows of a file of $MOLQ_DATA_DIR, unzipped."""
    folder = Path(os.environ.get("MOLQ_DATA_DIR", HERE.parents[2] / "shared" / "datasets"))

    def head(name: str, n_rows: int) -> Path:
        if not (folder / name).exists():
            pytest.skip(f"{name} is not in MOLQ_DATA_DIR ({folder})")
        path = tmp_path / name.removesuffix(".gz")
        with gzip.open(folder / name, "rb") as source, path.open("wb") as target:
            target.writelines(islice(source, n_rows + 1))
        return path

    return head

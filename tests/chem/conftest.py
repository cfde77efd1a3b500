import csv
import gzip
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

SIBLING = Path(__file__).resolve().parents[3] / "shared" / "datasets"
SMILES_COLUMN = {"moses_train": "SMILES"}

ODD_SMILES = [
    "C",
    "[Na+].[Cl-]",
    "[13CH4]",
    "[2H]OC",
    "[12C]",
    "[999C]",
    "[70000C]",
    "[181Ta]",
    "[51V]",
    "[55Mn]",
    "[232Th]",
    "[268Db]",
    "*C",
    "[99*]C",
    "[H][H]",
    "[H+]",
    "[Og]",
    "[Lr]",
    "[Fe+20]",
    "[C-17]",
    "[U+9]",
    "N->[Cu]<-N",
    "[Re]$[Re]",
    "N~C",
    "C:C",
    "S(F)(F)(F)(F)(F)F",
    "FP(F)(F)(F)F",
    "F[Po@SP1](Cl)(Br)I",
    "N[Co@OH1](Cl)(Br)(I)(F)O",
    "C[C@H](N)C(=O)O",
    "C[C@@H](N)C(=O)O",
    "F/C=C/F",
    "F/C=C\\F",
    "CC(F)=C(Cl)Br |w:1.0|",
    "CC=CC |c:1|",
    "[BH3-][NH3+]",
    "C[N+](C)(C)CC([O-])=O",
    "c1ccc2[nH]ccc2c1",
    "[SiH4]",
    "[Xe](F)(F)(F)F",
    "CCO ethanol",
    " CCO",
    "C%(100)CC%(100)",
    "C[Hg]C",
    "[cH-]1cccc1.[cH-]1cccc1.[Fe+2]",
]


@pytest.fixture(scope="session")
def dataset_smiles() -> Callable[[str, int | None], list[str]]:
    """The first SMILES of a public dataset; skips where there is none on this machine."""
    folder = Path(os.environ.get("MOLQ_DATA_DIR") or SIBLING)

    def smiles_of(name: str, n: int | None = None) -> list[str]:
        path = folder / f"{name}.csv.gz"
        if not path.is_file():
            pytest.skip(f"{name} is not on this machine: set MOLQ_DATA_DIR")
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            rows = csv.DictReader(stream)
            return [row[SMILES_COLUMN.get(name, "smiles")] for row in itertools.islice(rows, n)]

    return smiles_of


@pytest.fixture(scope="session")
def odd_smiles() -> list[str]:
    """Molecules that go to the edges of the descriptors: isotopes, charges, odd elements, bonds and valences."""
    return list(ODD_SMILES)

"""The same molecules in every kind of file, packed and piped: the same scores, ids and order."""

import csv
import importlib.util
import io
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from molecules import DRUGS
from rdkit import Chem

from molq.chem.recipe import PLAIN
from molq.columns import columns_of
from molq.screening.screen import screen

SOURCE = Path(__file__).parent.parent / "bench" / "readers.py"
spec = importlib.util.spec_from_file_location("readers", SOURCE)
readers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(readers)


class Digits:
    """Scores that tell graphs apart."""

    columns = columns_of(("first", "second"))
    recipe = PLAIN

    def scores(self, graphs):
        sums = np.add.reduceat(graphs.atoms % np.uint64(99991), graphs.atom_ptr[:-1]).astype(np.float32)
        return np.stack([sums, np.diff(graphs.bond_ptr)], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def molecules():
    """SMILES that a mol block leaves as they are, with ids."""
    through = [Chem.MolFromMolBlock(Chem.MolToMolBlock(Chem.MolFromSmiles(text))) for text in DRUGS]
    assert all(through)
    return [(Chem.MolToSmiles(mol), f"m{i}") for i, mol in enumerate(through)]


@pytest.fixture(scope="module")
def first():
    """What the first reader gave."""
    return {}


@pytest.mark.parametrize("name", readers.READERS)
def test_every_reader_gives_the_same_scores_in_the_same_order(molecules, first, tmp_path, name):
    data = readers.READERS[name](molecules)
    (tmp_path / name).write_bytes(data)
    screen(Digits(), tmp_path / name, tmp_path / "file.csv", chunk_rows=7)
    with mock.patch.object(sys, "stdin", mock.Mock(buffer=io.BytesIO(data))):
        screen(Digits(), "-", tmp_path / "pipe.csv")
    found = (tmp_path / "file.csv").read_bytes()
    assert (tmp_path / "pipe.csv").read_bytes() == found == first.setdefault("bytes", found)
    with (tmp_path / "file.csv").open(newline="") as file:
        assert [(row["smiles"], row["id"]) for row in csv.DictReader(file)] == molecules

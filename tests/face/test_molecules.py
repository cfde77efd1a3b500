from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molq.chem.recipe import PLAIN
from molq.face.molecules import MISSING, is_missing, parts


@pytest.mark.parametrize(
    "value", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT], ids=["None", "nan", "float32 nan", "NA", "NaT"]
)
def test_what_is_missing(value: object) -> None:
    assert is_missing(value)
    ((places, rows),) = parts([value, "C"], 100, PLAIN)
    assert (places, rows.rejected) == ([0, 1], {0: MISSING})


@pytest.mark.parametrize("value", ["", "nan", 0, 1.5, b"C", [], np.array([1, 2]), np.datetime64("2020-01-01")])
def test_what_is_not_missing(value: object) -> None:
    assert not is_missing(value)


def test_space_around_a_smiles_is_not_part_of_it() -> None:
    ((_, rows),) = parts([" CCO\n", "C C"], 100, PLAIN)
    assert rows.smiles == ["CCO", "C C"]


def test_what_is_neither_text_nor_a_molecule_is_refused_by_name() -> None:
    ((_, rows),) = parts([b"C", 5, "C\0C"], 100, PLAIN)
    assert rows.rejected == {
        0: "neither a SMILES nor a molecule: bytes",
        1: "neither a SMILES nor a molecule: int",
        2: "the SMILES holds a NUL byte",
    }


def test_text_and_molecules_are_parted_and_none_is_lost() -> None:
    values = ["C", Chem.MolFromSmiles("CC"), None, Chem.MolFromSmiles("CCCC"), "CCC"]
    texts, mols = parts(values, 3, PLAIN)
    assert (texts.places, mols.places) == ([0, 2, 4], [1, 3])
    assert texts.rows.smiles == ["C", "", "CCC"]
    assert mols.rows.rejected == {1: "4 atoms, more than the limit of 3"}
    assert mols.rows.graphs is not None
    assert mols.rows.graphs.atom_ptr.tolist() == [0, 2]

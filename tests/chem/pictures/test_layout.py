from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from molq.chem.pictures.layout import MAX_ATOMS, laid_out

INDOLE = "c1ccc2[nH]ccc2c1"


def test_atoms_stand_in_the_order_of_the_smiles_and_added_hydrogens_follow():
    laid, reason = laid_out("C[C@@H]1CC[C@H]2CCCC[C@@H]2C1")
    assert reason is None
    assert laid.n_atoms == 11
    assert [a.GetAtomicNum() for a in laid.mol.GetAtoms()][:11] == [6] * 11
    assert {a.GetAtomicNum() for a in laid.mol.GetAtoms()} == {1, 6}


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [("", "no atoms"), ("c1cc", "not a molecule"), ("C" * (MAX_ATOMS + 1), "201 atoms, more than a picture can show")],
)
def test_what_is_not_drawn_has_a_reason(smiles, reason):
    laid, found = laid_out(smiles)
    assert laid is None
    assert reason in found


def places_of(smiles: str) -> np.ndarray:
    found = Chem.MolFromSmiles(smiles).GetSubstructMatch(Chem.MolFromSmiles(INDOLE))
    at = laid_out(smiles, INDOLE)[0].mol.GetConformer().GetPositions()[list(found), :2]
    return at - at[0]


def test_a_common_scaffold_lies_alike():
    first, second = (places_of(smiles) for smiles in ("CCc1c[nH]c2ccc(Br)cc12", "NC(=O)c1ccc2cc[nH]c2c1"))
    np.testing.assert_allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("like", [INDOLE, "", "no molecule", "C1CC1"])
def test_a_molecule_without_the_scaffold_is_drawn_as_ever(like):
    assert laid_out("CCO", like)[0] is not None

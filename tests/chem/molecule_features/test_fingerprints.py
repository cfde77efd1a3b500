import numpy as np
from rdkit import Chem

from molq.chem.molecule_features.fingerprints import N_BITS, charge, morgan

ETHANE = Chem.MolFromSmiles("CC")


def test_counts_are_how_often_and_bits_whether() -> None:
    counts, bits = (morgan(counts=c, chirality=True).row(ETHANE) for c in (True, False))
    assert isinstance(counts, np.ndarray)
    assert isinstance(bits, np.ndarray)
    assert sorted(counts[counts > 0].tolist()) == [1.0, 2.0]  # one bond, of two carbons
    assert np.array_equal(bits, counts > 0)


def test_every_column_has_a_name() -> None:
    assert len(set(morgan(counts=True, chirality=False).columns)) == N_BITS
    assert charge().columns == ("charge",)


def test_the_charge_is_that_of_all_parts_together() -> None:
    row = charge().row(Chem.MolFromSmiles("[Fe+2].[Cl-]"))
    assert isinstance(row, np.ndarray)
    assert row.tolist() == [1.0]

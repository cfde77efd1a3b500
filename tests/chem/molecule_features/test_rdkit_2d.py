import numpy as np
from rdkit import Chem
from rdkit.Chem import Descriptors

from molq.chem.molecule_features.rdkit_2d import rdkit_2d


def test_the_columns_are_rdkits_own_list() -> None:
    assert list(rdkit_2d().columns) == [name for name, _ in Descriptors.descList]


def test_what_needs_heavy_atoms_is_0_without_any() -> None:
    made = rdkit_2d()
    for smiles in ("[H][H]", "CCO"):
        row = made.row(Chem.MolFromSmiles(smiles))
        assert isinstance(row, np.ndarray)
        assert (row[made.columns.index("SPS")] == 0) == (smiles == "[H][H]")

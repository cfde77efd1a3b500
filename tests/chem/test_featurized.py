import numpy as np
from rdkit import Chem

from molq.chem.featurized import assemble
from molq.chem.packed import slice_graphs
from molq.chem.rdkit_featurize import pack_mol
from molq.records.record import Rejected

BAD = [Rejected(1, "C(", "because")]


def test_parts_are_laid_end_to_end():
    parts = [pack_mol(Chem.MolFromSmiles(s)) for s in ("CCO", "[Na+].[Cl-]", "c1ccccc1")]
    made = assemble(parts, [0, 2, 3], BAD)
    assert made.index.tolist() == [0, 2, 3]
    assert made.index.dtype == np.int64
    assert made.rejected == BAD
    for i, part in enumerate(parts):
        assert all(np.array_equal(a, b) for a, b in zip(slice_graphs(made.graphs, i, i + 1), part, strict=True))


def test_no_parts_are_no_molecules():
    made = assemble([], [], BAD)
    assert made.graphs.n_mols == 0
    assert made.index.shape == (0,)

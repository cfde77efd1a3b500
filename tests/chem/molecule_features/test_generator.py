import numpy as np
from rdkit import Chem

from molq.chem.molecule_features.generator import Failure, each


def test_the_value_of_each_descriptor_in_order():
    mol = Chem.MolFromSmiles("CCO")
    made = each([("atoms", lambda mol: mol.GetNumAtoms()), ("bonds", lambda mol: mol.GetNumBonds())], mol)
    assert isinstance(made, np.ndarray)
    assert made.tolist() == [3.0, 2.0]


def test_a_descriptor_on_which_rdkit_raises_is_named():
    def broken(_mol):
        raise RuntimeError("Invariant  Violation\nno ring info")

    made = each([("atoms", lambda mol: mol.GetNumAtoms()), ("Broken", broken)], Chem.MolFromSmiles("C"))
    assert made == Failure("RDKit's descriptor Broken fails: invariant Violation no ring info")

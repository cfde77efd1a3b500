from __future__ import annotations

from rdkit import Chem

from molq.server.pool.questions import Write
from molq.server.pool.records import records_of


def test_a_record_for_every_molecule_that_is_asked():
    question = Write(smiles=("CCO", "C(", "N"), titles=("a", "b", "c"), fields={"score": ("1", "", "3")})
    first, second, third = records_of(question, iter((0, 1)))
    assert third is None
    supplier = Chem.SDMolSupplier()
    supplier.SetData((first or "") + (second or ""), sanitize=False)
    one, two = supplier
    assert one.GetPropsAsDict() == {"score": 1}
    assert (two.GetNumAtoms(), list(two.GetPropNames())) == (0, [])

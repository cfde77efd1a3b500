from __future__ import annotations

from rdkit import Chem

from molq.server.pool.questions import Write
from molq.server.pool.records import records_of


def test_a_record_for_every_molecule_that_is_asked():
    question = Write(smiles=("CCO", "C(", "N"), titles=("a", "b", "c"), fields={"score": ("1", "", "3")})
    supplier = Chem.SDMolSupplier()
    supplier.SetData("".join(records_of(question, iter((0, 1)))), sanitize=False)
    one, two, three = supplier
    assert one.GetPropsAsDict() == {"score": 1}
    assert (two.GetNumAtoms(), list(two.GetPropNames())) == (0, [])
    # the third was not looked at: it may have killed a worker
    assert three.GetPropsAsDict() == {"smiles": "N", "score": 3}
    assert (three.GetProp("_Name"), three.GetNumAtoms()) == ("c", 0)

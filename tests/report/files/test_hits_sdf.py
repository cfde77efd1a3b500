import io

from made_hits import HITS
from rdkit import Chem

from molq.report.files.hits_sdf import hits_sdf


def test_rdkit_reads_structures_names_and_fields_back():
    first, second = Chem.ForwardSDMolSupplier(io.BytesIO(hits_sdf(HITS)))
    assert Chem.MolToSmiles(first) == "Oc1ccccc1O"
    assert first.GetProp("_Name") == '=HYPERLINK("x")'
    assert first.GetDoubleProp("p") == 0.9375
    assert first.GetProp("alerts") == "PAINS: catechol_A(92); own: =cmd"
    assert first.GetProp("verdict") == "inside"
    assert second.GetProp("_Name") == "<b>α</b>\\n> <x>"
    assert not second.HasProp("alerts")
    assert second.GetIntProp("rank") == 3

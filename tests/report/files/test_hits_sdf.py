import io

import msgspec
from made_hits import HITS, hit
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


def test_columns_that_would_be_called_alike_are_told_apart():
    first, second = hit(scores={"p": 1.0, "p<1": 2.0, "p>1": 3.0}), hit(scores={"p": 1.0, "p>1": 4.0})
    found = msgspec.structs.replace(HITS, columns=("p", "p<1", "p>1"), hits=(first, second))
    one, two = Chem.ForwardSDMolSupplier(io.BytesIO(hits_sdf(found)))
    assert (one.GetProp("p_1"), one.GetProp("p_1_")) == ("2.0", "3.0")
    assert (two.HasProp("p_1"), two.GetProp("p_1_")) == (0, "4.0")

import pytest

from molq.records.syntax import has_smiles_form


@pytest.mark.parametrize(
    "text",
    [
        "C",
        "CCO",
        "c1ccc2[nH]ccc2c1",
        "[Na+].[Cl-]",
        "F/C=C\\F",
        "C%12CC%12",
        "CC |&1:1|",
        "C(C)(C)C",
        "N#N",
        "*CC",
        "C-1CC=1",
    ],
)
def test_the_form_of_smiles(text):
    assert has_smiles_form(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ethanol",
        "CCO e",
        "C(",
        "C)C(",
        "C1CC",
        "12",
        "=C",
        "CC()",
        "[C",
        "CHEMBL25",
        "P53",
        "C |open",
        "1S/CH4/h1H4",
    ],
)
def test_other_forms(text):
    assert not has_smiles_form(text)

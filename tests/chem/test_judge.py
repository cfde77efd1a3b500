import pytest

from molq.chem.judge import are_smiles


@pytest.mark.parametrize(
    "text", ["C", "CCO", "c1ccccc1", "[Na+].[Cl-]", "F/C=C/F", "C[C@H](N)O |&1:1|", "C(C)(C)(C)(C)C", "C" * 3000]
)
def test_smiles(text):
    assert are_smiles([text]) == [True]


@pytest.mark.parametrize("text", ["", "ethanol", "CCO ethanol", "C(", "12", "0.5", "CHEMBL25", "1S/CH4/h1H4", "C1CC"])
def test_no_smiles(text, capfd):
    assert are_smiles([text]) == [False]
    assert capfd.readouterr().err == ""


def test_one_verdict_for_each():
    assert are_smiles(["CC", "x", "CO"]) == [True, False, True]

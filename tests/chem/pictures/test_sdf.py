import io

import pytest
from rdkit import Chem

from molq.chem.pictures.sdf import sdf_record


def read(*records):
    return list(Chem.ForwardSDMolSupplier(io.BytesIO("".join(records).encode())))


@pytest.mark.parametrize(
    "smiles",
    [
        "CCO",
        "C[C@H](N)C(=O)O",
        "F/C=C\\F",
        "[Na+].[Cl-]",
        "c1ccc2[nH]ccc2c1",
        "[2H]C",
        "C" * 60,
        "[Fe]",
        "*C",
    ],
)
def test_rdkit_reads_the_molecule_back_with_coordinates(smiles):
    (mol,) = read(sdf_record(smiles, "name", {"p": "0.5"}))
    assert Chem.MolToSmiles(mol) == Chem.CanonSmiles(smiles)
    assert mol.GetProp("_Name") == "name"
    assert mol.GetProp("p") == "0.5"
    if mol.GetNumAtoms() > 1:
        places = mol.GetConformer().GetPositions()
        assert not mol.GetConformer().Is3D()
        assert abs(places).max() > 0.5


@pytest.mark.parametrize(
    "evil", ["$$$$", ">  <p>", "a\n\nb", "a\r\n$$$$\r\n", "M  END", "", " ", "\x00", "é\u2028x", "\ud800"]
)
def test_no_text_ends_a_record_or_makes_a_field(evil):
    text = sdf_record("CCO", evil, {"first": evil, f"na<{evil}>me": "x", "last": "y"})
    mols = read(text, sdf_record("CCN", "b", {}))
    assert [Chem.MolToSmiles(mol) for mol in mols] == ["CCO", "CCN"]
    assert mols[0].GetProp("last") == "y"
    assert len(list(mols[0].GetPropNames())) == 3


def test_what_is_no_molecule_is_an_empty_record():
    mols = read(sdf_record("c1cc", "a", {"why": "unclosed"}), sdf_record("C", "b", {}))
    assert [mol.GetNumAtoms() for mol in mols] == [0, 1]
    assert mols[0].GetProp("why") == "unclosed"

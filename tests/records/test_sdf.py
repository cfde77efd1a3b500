import gzip

import pytest
from rdkit import Chem
from rdkit.Chem import rdDepictor

from molq.records.records import Record, Rejected, read_records
from molq.records.sdf import read_sdf_record

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "F/C=C/F", "[13CH3][N+](C)(C)C.[Cl-]", "C"]


def mol_block(smiles, title=""):
    mol = Chem.MolFromSmiles(smiles)
    rdDepictor.Compute2DCoords(mol)
    mol.SetProp("_Name", title)
    return Chem.MolToMolBlock(mol)


def sdf_record(smiles, title="", data=()):
    fields = "".join(f">  <{name}>  (1)\n{value}\n\n" for name, value in data)
    return f"{mol_block(smiles, title)}{fields}$$$$\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["a.sdf", "a.sdf.gz"])
def test_molecules_titles_and_data(tmp_path, end, name):
    text = "".join(sdf_record(s, f"mol {i}", [("IC50", str(i)), ("note", "two\nlines")]) for i, s in enumerate(SMILES))
    data = text.replace("\n", end).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    records = list(read_records(path))
    assert [r.smiles for r in records] == [Chem.CanonSmiles(s) for s in SMILES]
    assert records[1] == Record(
        1,
        "mol 1",
        Chem.CanonSmiles(SMILES[1]),
        {"smiles": Chem.CanonSmiles(SMILES[1]), "title": "mol 1", "IC50": "1", "note": "two\nlines"},
    )
    assert [r.id for r in read_records(path, id_column="IC50")] == ["0", "1", "2", "3", "4"]


def test_bad_records_are_rejected_alone(tmp_path, capfd):
    aluminium = mol_block("OCOCO").replace(" C  ", " F  ")
    broken = mol_block("CC").replace("V2000", "V9000")
    path = tmp_path / "a.sdf"
    records = [sdf_record("CC"), f"{aluminium}$$$$\n", f"{broken}$$$$\n", "\n\n\n$$$$\n", mol_block("CCC")]
    path.write_text("".join(records))
    found = list(read_records(path))
    assert [item.row for item in found] == [0, 1, 2, 3, 4]
    assert [item.smiles for item in found if isinstance(item, Record)] == ["CC", "CCC"]
    reasons = [item.reason for item in found if isinstance(item, Rejected)]
    assert reasons[0] == "explicit valence for atom # 1 F, 2, is greater than permitted"
    assert reasons[1].startswith("unreadable mol block: ")
    assert "V9000" in reasons[1]
    assert reasons[2].startswith("unreadable mol block: ")
    assert capfd.readouterr().err == ""


def test_no_atoms():
    record = read_sdf_record("empty\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n> <x>\n1\n\n$$$$\n")
    assert (record.smiles, record.reason, record.title, record.data) == (None, "no atoms", "empty", {"x": "1"})


def test_rdkit_reads_the_same(tmp_path):
    path = tmp_path / "a.sdf"
    path.write_text("".join(sdf_record(s) for s in SMILES))
    with path.open("rb") as stream:
        expected = [Chem.MolToSmiles(mol) for mol in Chem.ForwardSDMolSupplier(stream)]
    assert [r.smiles for r in read_records(path)] == expected

"""What a page saves as an SD file is read by RDKit as the molecules that the page shows."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from browser.scripts import load, plain
from rdkit import Chem
from rdkit.Chem import rdDepictor

from molq.chem.sketch import sketch

ROOT = Path(__file__).parents[2]
STRANGE = [
    *("[H][H]", "[2H]C([2H])O", "[Na+].[Cl-]", "C[CH2]", "C[CH]", "[O][O]", "C[Si](C)(C)C", "c1cc[se]c1", "[Fe]"),
    *("C[N+](=O)[O-]", "*CC", "C/C=C/C", "CC=CC", r"C/C=C\C", "N[C@@H](C)C(=O)O"),
    *(
        "[NH3]->[Pt](Cl)(Cl)<-[NH3]",
        "C[C@H](F)N->[Co+2](<-[15NH3])[CH2]",
        "C/C=C/N->[Fe]",
        "CC=CN->[Fe]",
        "O->[Na+].[Pt]",
    ),
    ".".join(["C12C3C4C1C5C2C3C45"] * 84),  # more bonds than version 2000 counts
    *("C[S@](=O)CC", "[SiH2]", "[Na]", "[AlH3]", "O=[N+]([O-])[O-].[NH4+]", ".".join(["[NH4+].[Cl-]"] * 12)),
]


@pytest.fixture
def blocks(browser):
    load(browser, "molblock")
    return lambda sketches: browser.execute_script(
        "return arguments[0].map((sketch) => molblock(sketch, 'a name'))", plain(sketches)
    )


def as_rdkit_reads_its_own(smiles: str) -> str:
    mol = Chem.MolFromSmiles(smiles)
    rdDepictor.Compute2DCoords(mol)
    return Chem.MolToSmiles(Chem.MolFromMolBlock(Chem.MolToMolBlock(mol)))


def test_rdkit_reads_the_same_molecules(blocks):
    with gzip.open(ROOT / "datasets" / "clintox.csv.gz", "rt") as file:
        library = [row["smiles"] for row in csv.DictReader(file)][::7]
    known = {smiles: found for smiles in [*STRANGE, *library] if (found := sketch(smiles))}
    assert len(known) > 200
    assert set(STRANGE) <= set(known)
    for smiles, block in zip(known, blocks(list(known.values())), strict=True):
        assert Chem.MolToSmiles(Chem.MolFromMolBlock(block)) == as_rdkit_reads_its_own(smiles), smiles


def test_a_file_keeps_names_and_data_on_their_lines(browser, tmp_path):
    load(browser, "molblock")
    name, value = "$$$$\ntwo\nlines", "more\n\n$$$$\n> <forged>"
    records = [
        {
            "sketch": plain([sketch("CCO")])[0],
            "name": name,
            "data": [["a<b>", value], ["end", "$$$$"], ["empty", None], ["n", 0.5]],
        }
    ]
    path = tmp_path / "saved.sdf"
    path.write_text(browser.execute_script("return molblock.sdf(arguments[0])", records * 2), encoding="utf-8")
    mols = list(Chem.SDMolSupplier(str(path)))
    assert [Chem.MolToSmiles(mol) for mol in mols] == ["CCO", "CCO"]
    assert mols[0].GetProp("_Name") == " $$$$ two lines"
    assert mols[0].GetPropsAsDict() == {"a_b_": "more $$$$ > <forged>", "end": " $$$$", "n": 0.5}


def test_fields_that_would_be_called_alike_are_told_apart(browser):
    load(browser, "molblock")
    record = {"sketch": plain([sketch("C")])[0], "name": "a", "data": [["p<1", None], ["p>1", 3]]}
    text = browser.execute_script("return molblock.sdf(arguments[0])", [record])
    assert ">  <p_1_>\n3\n" in text
    assert "<p_1>" not in text

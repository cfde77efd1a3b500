import pytest
from rdkit import Chem
from rdkit.Chem import rdDepictor

from molq.chem.molblocks import smiles_of_block, spelled
from molq.records.cells import blank_cells, cells_of
from molq.records.rows import MOL_BLOCK, SMILES, SourceRows

MOLECULES = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "F/C=C/F", "[13CH3][N+](C)(C)C.[Cl-]", "C"]


def block_of(smiles, v3000=False):
    mol = Chem.MolFromSmiles(smiles)
    rdDepictor.Compute2DCoords(mol)
    return Chem.MolToV3KMolBlock(mol) if v3000 else Chem.MolToMolBlock(mol)


@pytest.mark.parametrize("v3000", [False, True])
@pytest.mark.parametrize("smiles", MOLECULES)
def test_the_canonical_smiles_of_a_block(smiles, v3000):
    assert smiles_of_block(block_of(smiles, v3000)) == (Chem.CanonSmiles(smiles), None)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n", "no atoms"),
        (block_of("OCOCO").replace(" C  ", " F  "), "explicit valence for atom # 1 F, 2, is greater than permitted"),
        ("", "unreadable mol block: "),
        (block_of("CCO").replace(" O  ", " Xx "), "unreadable mol block: Element 'Xx' not found"),
    ],
)
def test_why_a_block_is_no_molecule(block, reason, capfd):
    smiles, found = smiles_of_block(block)
    assert smiles == ""
    assert found.startswith(reason)
    assert found != "unreadable mol block: "
    assert capfd.readouterr().err == ""


def test_rows_of_blocks_become_rows_of_smiles():
    blocks = cells_of([block_of("OCC"), "nothing", block_of("CC")])
    rows = SourceRows(blocks, MOL_BLOCK, cells_of(["a", "b", "c"]), (), {2: "refused before"})
    found = spelled(rows)
    assert (found.kind, found.molecules.texts()) == (SMILES, ["CCO", "", "CC"])
    assert sorted(found.rejected) == [1, 2]
    assert found.rejected[2] == "refused before"
    assert found.ids is rows.ids


def test_rows_of_smiles_stay():
    rows = SourceRows(cells_of(["CC"]), SMILES, blank_cells(1), (), {})
    assert spelled(rows) is rows

import pytest
from anything import plain_judge

from molq.errors import InputError
from molq.records.choice import NoSmilesError, Sample, Wanted, choose

LONG = ["CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "c1ccccc1O", "CCN(CC)CC"]


def chosen(columns, wanted=None, **options):
    """The choice for a table given by columns, header first."""
    rows = [list(row) for row in zip(*columns, strict=True)]
    return choose(Sample(rows, plain_judge), wanted or Wanted(), "a", **options)


@pytest.mark.parametrize("name", ["Molecule", "mol", "Structure", "drug"])
def test_a_name_beside_smiles_is_a_name(name):
    found = chosen([[name, "CN", "CO", "NO", "C"], ["Canonical SMILES", *LONG]])
    assert (found.smiles, found.id) == (1, 0)


@pytest.mark.parametrize("name", ["Molecule", "mol", "Structure", "Drug"])
def test_the_same_name_alone_is_believed_when_its_cells_are_smiles(name):
    found = chosen([["x", "a", "b", "c", "d"], [name, *LONG]])
    assert (found.has_header, found.smiles, found.notes) == (True, 1, [])


def test_cells_decide_where_no_name_tells_and_it_is_said():
    found = chosen([["no", "1", "2", "3", "4"], ["what", *LONG]])
    assert (found.smiles, found.has_header) == (1, True)
    assert found.notes == ["a: the first row is read as a header, and column 'what' as SMILES, which its cells are"]


def test_of_several_smiles_columns_the_first_whose_cells_are():
    assert chosen([["smiles", "n/a", "-", "x", "?"], ["canonical_smiles", *LONG]]).smiles == 1
    assert chosen([["Ligand SMILES", *LONG], ["smiles", *LONG]]).smiles == 1


def test_name_and_cells_that_disagree_stop():
    with pytest.raises(InputError, match=r"column 'smiles' holds no SMILES .'ethanol'.*, but column 'structure' does"):
        chosen([["smiles", "ethanol", "water", "urea", "x"], ["structure", *LONG]])


def test_bad_cells_alone_do_not_stop():
    found = chosen([["smiles", "ethanol", "water", "urea", "x"], ["y", "1", "2", "3", "4"]])
    assert found.smiles == 0
    assert found.notes == ["a: few of the first rows of column 'smiles' are SMILES"]


def test_a_table_without_smiles_names_its_columns_and_the_remedy():
    with pytest.raises(
        NoSmilesError, match=r"none of the columns 'a', 'b' is a SMILES column.*`smiles_column`, by name or"
    ):
        chosen([["a", "x", "y"], ["b", "1", "2"]])


def test_without_a_header():
    found = chosen([["CID1", "CID2", "CID3", "CID4"], LONG])
    assert (found.has_header, found.smiles, found.names) == (False, 1, ["name", "smiles"])
    assert found.notes == ["a: no header; the SMILES stand in column 2"]


def test_what_is_asked_for():
    columns = [["a", *LONG], ["smiles", *LONG], ["x", "1", "2", "3", "4"]]
    found = chosen(columns, Wanted("A", "x", ("smiles", "3")))
    assert (found.smiles, found.id, found.columns) == (0, 2, (1, 2))
    assert chosen(columns, Wanted("1")).smiles == 0
    with pytest.raises(InputError, match="no column 'y' among"):
        chosen(columns, Wanted("y"))
    with pytest.raises(InputError, match="there is no header, and so no column 'y'; `smiles_column` takes a number"):
        chosen([["CID1", "CID2"], LONG[:2]], Wanted("y"))


def test_an_id_is_filled_and_tells_rows_apart():
    names = ["Name", "", "", "", "x"]
    assert chosen([["smiles", *LONG], names, ["ChEMBL ID", "C1", "C2", "C3", "C4"]]).id == 2
    assert chosen([["smiles", *LONG], names, ["catalog_id", "C1", "C1", "C1", "C1"]]).id == 2
    assert chosen([["smiles", *LONG], names]).id == 1
    assert chosen([["smiles", *LONG], ["IC50", "1", "2", "3", "4"]]).id is None


def test_a_header_alone():
    assert chosen([["id"], ["smiles"]]).smiles == 1
    assert chosen([["id"], ["mol"]]).smiles == 1


def test_a_column_twice_is_refused():
    with pytest.raises(InputError, match="column 'x' stands twice in `columns`"):
        Wanted(columns=("x", "y", "x"))

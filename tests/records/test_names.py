import pytest

from molq.errors import InputError
from molq.records.names import distinct_names, has_name, id_rank, listed, named_position, smiles_rank

NAMES = ["ID", "Smiles", "2", "smiles"]


@pytest.mark.parametrize(
    ("wanted", "place"), [("smiles", 3), ("SMILES", 1), ("id", 0), (" ID ", 0), ("2", 2), ("1", 0), ("4", 3)]
)
def test_a_column_by_name_or_number(wanted, place):
    assert named_position(NAMES, wanted, "a", "smiles_column") == place


def test_a_column_that_is_not_there():
    with pytest.raises(InputError, match="a: no column 'x' among 'ID', 'Smiles', '2', 'smiles'; `id_column` takes one"):
        named_position(NAMES, "x", "a", "id_column")
    with pytest.raises(InputError, match="a: no column 7 for `id_column`: there are 4"):
        named_position(NAMES, "7", "a", "id_column")


def test_names_are_made_distinct():
    assert distinct_names(["x", " x ", "y", "x", ""]) == ["x", "x.1", "y", "x.2", ""]
    assert len(set(distinct_names(["x", "x", "x.1", "x.1"]))) == 4
    assert len(set(distinct_names([f"c{i % 1000}" for i in range(100_000)]))) == 100_000


def test_how_likely_a_name_is_that_of_smiles():
    ranks = [smiles_rank(name) for name in ("smiles", "Canonical SMILES", "cxsmiles", "Ligand SMILES", "smiles_1")]
    assert ranks == sorted(ranks)
    assert [smiles_rank(name) for name in ("mol", "id", "Molecule", "")] == [None] * 4


def test_how_likely_a_name_is_that_of_an_id():
    assert id_rank("ID") < id_rank("Name") < id_rank("Catalog ID") < id_rank("Vendor_ID") < id_rank("Molecule")
    assert id_rank("IC50") is None


def test_names_for_a_message():
    assert listed(["a"]) == "'a'"
    assert listed([str(i) for i in range(20)]).endswith("'11' and 8 more")
    assert has_name(["A "], "a")
    assert not has_name(["A"], None)

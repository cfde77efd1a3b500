import pytest
from anything import BLOCK, in_memory, read

from molq.records.chunk import Chunk
from molq.records.layout import Layout
from molq.records.rows import MOL_BLOCK
from molq.records.understand import RowsLostError, count_records, understand

CSV = Layout("a", "delimited", 0, 1, (), width=2, delimiter=",", quoted=True, header="smiles")
SMI = Layout("a", "spaced", 0, 1, (), width=2)


def test_rows_that_were_counted_and_are_not_there_are_an_error():
    with pytest.raises(RowsLostError, match="a: 2 rows from row 7 on where 3 were counted"):
        understand(Chunk(0, 7, 3, b"CC,a\nCO,b\n"), CSV)


@pytest.mark.parametrize("layout", [CSV, SMI])
@pytest.mark.parametrize(
    ("body", "n"),
    [
        (b"CC,a\nCO,b\n", 2),
        (b"CC,a\nCO,b", 2),
        (b"\nCC,a\n\n \nCO,b\n\n", 2),
        (b"CC,a\r\nCO,b\rCN,c\r\r\n", 3),
        (b" CC,a\n", 1),
    ],
)
def test_records_are_counted_by_a_rule_of_its_own(layout, body, n):
    assert count_records(body, layout) == n


def test_records_in_quotes_are_counted_whole():
    assert count_records(b'CC,"a\n\nb"\n"",\n\n', CSV) == 2
    assert count_records(BLOCK, Layout("a", "sdf")) is None


def test_a_header_once_more_is_no_molecule():
    found = read(in_memory(b"smiles,y\nCC,1\nsmiles,y\nCO,2\n", "a.csv"))
    assert found.rejected == {1: "the header once more"}


def test_nul_bytes_spoil_their_row_alone():
    found = read(in_memory(b"smiles,id\nCC,a\nC\0C,b\nCO,c\0\nCN,d\n", "a.csv"))
    assert sorted(found.rejected) == [1, 2]


def test_sd_files_give_blocks_titles_and_fields():
    data = (BLOCK + b"> <x>\n1\n\n$$$$\n") * 2 + BLOCK.replace(b"t\n", b"\xe9\n", 1)
    found = read(in_memory(data), columns=("x",))
    assert (found.kind, found.ids.texts(), found.columns[0].texts()) == (MOL_BLOCK, ["t", "t", "é"], ["1", "1", ""])
    assert found.molecules[0] == BLOCK.decode()
    assert read(in_memory(data), smiles_column="x", id_column="x").molecules.texts() == ["1", "1", ""]

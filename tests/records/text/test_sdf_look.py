import time

import pytest
from anything import BLOCK

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import Source
from molq.records.input.stream import ByteStream
from molq.records.text.sdf_look import look_at_sdf

TWO = BLOCK + b"> <Vendor ID>\nv1\n\n$$$$\n" + BLOCK + b"> <Vendor ID>\nv2\n\n> <Price>\n7\n\n$$$$\n"


def layout(data, **wanted):
    source = Source("a", data=data)
    return look_at_sdf(ByteStream(source), source, Wanted(**wanted))


def test_the_title_is_the_id_and_the_block_the_molecule():
    found = layout(TWO).layout
    assert (found.smiles_name, found.id_name, found.names) == (None, None, ("smiles", "title", "Vendor ID", "Price"))


def test_fields_are_found_letter_case_aside():
    found = layout(TWO, smiles_column="price", id_column="vendor id", columns=("PRICE",)).layout
    assert (found.smiles_name, found.id_name, found.column_names) == ("Price", "Vendor ID", ("Price",))
    assert layout(TWO, smiles_column="smiles", id_column="title").layout.id_name is None


def test_without_titles_a_field_is_the_id_and_it_is_said():
    found = layout(TWO.replace(b"t\n\n\n", b"\n\n\n"))
    assert found.layout.id_name == "Vendor ID"
    assert found.notes == ["a: titles are empty; data field 'Vendor ID' is the id"]


@pytest.mark.parametrize("parameter", ["smiles_column", "id_column"])
def test_a_field_that_is_nowhere(parameter):
    with pytest.raises(
        InputError, match=f"a: no column 'x' among the data fields .*; `{parameter}` takes one of 'Vendor ID'"
    ):
        layout(TWO, **{parameter: "x"})


def test_an_empty_file():
    with pytest.raises(InputError, match="a: the file is empty"):
        layout(b"\n\n")


def test_many_fields_of_records_without_titles_take_no_time():
    blocks = [
        BLOCK.replace(b"t\n", b"\n", 1) + b"".join(b">  <f%d_%d>\n1\n\n" % (i, k) for k in range(300)) + b"$$$$\n"
        for i in range(600)
    ]
    start = time.perf_counter()
    found = layout(b"".join(blocks)).layout
    assert time.perf_counter() - start < 5
    assert (len(found.names), found.id_name) == (2 + 600 * 300, None)

import io

import pytest
from anything import ATOM, BLOCK, COUNTS
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from molq.records.text.sdf import read_sdf_record, sdf_spans

LINES = st.lists(
    st.sampled_from(["> <a>", ">  <b>  (1)", "> 25 <c>", ">1", "", "value", "> ", " ", "x $$$$", "<d>", "M  END"]),
    max_size=12,
)


def records(data):
    spans = sdf_spans(data, True)
    return [data[a:b] for a, b in zip(spans.starts, spans.stops, strict=True)]


@given(LINES)
def test_data_fields_are_those_that_rdkit_reads(lines):
    text = BLOCK.decode() + "\n".join(lines) + "\n\n$$$$\n"
    with Chem.rdBase.BlockLogs():
        mols = list(Chem.ForwardSDMolSupplier(io.BytesIO(text.encode())))
    names = [line for line in lines if line.startswith(">") and "<" in line]
    if len(mols) != 1 or mols[0] is None or "M  END" in lines or len(set(names)) < len(names):
        return
    expected = {name: mols[0].GetProp(name) for name in mols[0].GetPropNames()}
    found = read_sdf_record(text).data
    assert {name: value for name, value in expected.items() if value}.items() <= found.items()
    if expected.keys() == found.keys():  # RDKit gives the rest up at a line that stands outside of a field
        assert {name: value for name, value in found.items() if value} == {n: v for n, v in expected.items() if v}


def test_the_parts_of_a_record():
    record = read_sdf_record(BLOCK.decode().replace("\n", "\r\n") + "> <IC50>\r\n>10000\r\n\r\n$$$$\r\n")
    assert record.title == "t"
    assert record.block == BLOCK.decode()
    assert record.data == {"IC50": ">10000"}


@pytest.mark.parametrize("mark", [b"$$$$\n", b"$$$$\r\n", b"$$$$ \n", b"$$$$"])
def test_records_end_with_their_mark_or_the_text(mark):
    assert len(records((BLOCK + mark).rstrip(b"$") if mark == b"" else BLOCK + mark)) == 1
    assert len(records(BLOCK + b"$$$$\n" + BLOCK + mark)) == 2
    assert len(records(BLOCK + b"$$$$\n" + BLOCK)) == 2
    assert len(records(BLOCK + b"$$$$\n\n \n")) == 1
    assert records(b"") == []


@pytest.mark.parametrize("data", [b"", b"> <x>\n1\n\n", b"> <x>\n>1\n> 2\n\n\n"])
def test_a_record_without_its_mark_is_one_of_its_own(data):
    assert records(BLOCK + data + BLOCK + b"$$$$\n") == [BLOCK + data, BLOCK + b"$$$$\n"]
    assert len(records((BLOCK + data) * 5)) == 5


def test_a_mol_block_in_a_data_field_is_no_record():
    inner = b"> <MOLBLOCK>\nt\n x\n y\n" + COUNTS + ATOM + b"M  END\n\n"
    assert len(records(BLOCK + inner + b"$$$$\n" + BLOCK + b"$$$$\n")) == 2


@given(
    st.lists(st.sampled_from([BLOCK, b"$$$$\n", b"\n", b"> <x>\n1\n\n", COUNTS, b"M  END\n", b"$$"]), max_size=12),
    st.data(),
)
def test_records_that_end_in_a_part_end_in_the_whole(pieces, data):
    text = b"".join(pieces)
    cut = data.draw(st.integers(0, len(text)))
    part = sdf_spans(text[:cut], False).stops.tolist()
    assert part == sdf_spans(text, True).stops.tolist()[: len(part)]

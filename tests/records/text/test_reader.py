import pytest
from anything import BLOCK, in_file, in_memory, plain_judge, read

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.reader import open_source


def reader(data, name="a.csv"):
    return open_source(in_memory(data, name), Wanted(), plain_judge)


def test_records_come_as_they_stand_in_the_file():
    found = reader(b"# note\n\nsmiles,id\r\nCC,a\r\n\r\nCO,b\r\nCN,c")
    assert found.take(2) == (b"CC,a\r\n\r\nCO,b\r\n", 2)
    assert found.take(2) == (b"CN,c", 1)
    assert found.take(2) == (b"", 0)


def test_rows_are_passed_over():
    found = reader(b"smiles,id\nCC,a\nCO,b\nCN,c\n")
    assert found.skip(2) == 2
    assert found.take(9) == (b"CN,c\n", 1)
    assert reader(b"smiles,id\nCC,a\n").skip(5) == 1


def test_a_file_is_opened_again_for_its_rows(tmp_path):
    source = in_file(b"smiles,id\nCC,a\n", tmp_path)
    found = open_source(source, Wanted(), plain_judge)
    assert found.take(9) == (b"CC,a\n", 1)
    found.close()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'smiles,id\nCC,a\n\nCC,"b\nCO,c\n', "line 4 opens a quoted field that is not closed; close it"),
        (b"smiles,id\nCC,a\nCC," + b"x" * (17 << 20), "line 3 is longer than 16 MiB"),
        (b'smiles,id\nCC,"' + b"x\n" * (9 << 20), "line 2 opens a quoted field"),
    ],
)
def test_a_record_without_end_is_named_by_its_line(data, message):
    assert message in read(in_memory(data, "a.csv"))


def test_an_sd_record_without_end():
    found = reader(BLOCK + b"x\n" * (9 << 20), "a.sdf")
    with pytest.raises(InputError, match="a record is larger than 16 MiB; is this an SD file"):
        found.take(1)

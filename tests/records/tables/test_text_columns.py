import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest

from molq.errors import InputError
from molq.records.tables.text_columns import bounded_parts, holds_text, text_column


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array(["a", None]), ["a", ""]),
        (pa.array(["a", None], pa.large_string()), ["a", ""]),
        (pa.array(["a", None], pa.string_view()), ["a", ""]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", "", "a"]),
        (pa.array([1, None]), ["1", ""]),
        (pa.array([1.5, None]), ["1.5", ""]),
        (pa.array([True, None]), ["true", ""]),
        (pa.array([decimal.Decimal("1.20")]), ["1.20"]),
        (pa.array([datetime.date(2020, 1, 2)]), ["2020-01-02"]),
        (pa.array([["a", None], None]), ['["a", null]', ""]),
        (pa.array([{"x": 1, "y": b"\xff"}]), ['{"x": 1, "y": "/w=="}']),
        (pa.array([b"CC", b"\xff\x00", None]), ["CC", "/wA=", ""]),
        (pa.nulls(2), ["", ""]),
        (pa.chunked_array([["a"], ["b"]]), ["a", "b"]),
    ],
)
def test_every_type_as_text(array, texts):
    assert text_column(array).to_pylist() == texts


def test_which_types_hold_words():
    words = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
    assert all(map(holds_text, words))
    assert not any(
        map(holds_text, [pa.int64(), pa.binary(), pa.list_(pa.string()), pa.dictionary(pa.int8(), pa.int64())])
    )


def test_repeated_values_come_in_parts_that_fit_into_memory():
    one = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1000, np.int32)), pa.array(["C" * (10 << 20)]))
    batch = pa.RecordBatch.from_arrays([one, pa.array(range(1000))], ["smiles", "n"])
    parts = list(bounded_parts(batch, "a"))
    assert sum(part.num_rows for part in parts) == 1000
    assert {part.num_rows for part in parts[:-1]} == {3}
    assert [value for part in parts for value in part.column(1).to_pylist()] == list(range(1000))
    assert [part.num_rows for part in bounded_parts(batch.slice(0, 0), "a")] == [0]


def test_a_cell_that_no_record_may_hold_is_refused():
    for cells in (pa.array(["C", "C" * (17 << 20)]), pa.array([b"C" * (17 << 20)]).dictionary_encode()):
        with pytest.raises(InputError, match="a: a cell of column 'smiles' is larger than 16 MiB"):
            list(bounded_parts(pa.RecordBatch.from_arrays([cells], ["smiles"]), "a"))

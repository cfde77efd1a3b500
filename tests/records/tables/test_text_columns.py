import datetime
import decimal

import pyarrow as pa
import pytest

from molq.records.tables.text_columns import holds_text, text_column


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

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.records.encoding import is_utf8, text_of, utf8_records
from molq.records.text.lines import spans_between


@given(st.text(st.characters(codec="utf-8")))
def test_utf8_stays(text):
    assert is_utf8(text.encode())
    assert text_of(text.encode()) == text


@pytest.mark.parametrize(
    ("record", "text"), [(b"\xb5M", "µM"), (b"\x80 5", "€ 5"), (b"M\xfcller", "Müller"), (b"\x81", "\x81")]
)
def test_what_is_no_utf8_is_windows_1252(record, text):
    assert not is_utf8(record)
    assert text_of(record) == text


@given(st.binary())
def test_any_bytes_are_some_text(data):
    text_of(data).encode()


def test_each_record_by_itself():
    data = "é\n".encode() + b"\xe9\nx\n"
    found, spans = utf8_records(data, spans_between(np.array([3, 5, 7])))
    assert [found[a:b].decode() for a, b in zip(spans.starts, spans.stops, strict=True)] == ["é\n", "é\n", "x\n"]

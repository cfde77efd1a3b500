from hypothesis import given
from hypothesis import strategies as st

from molq.records.text.lines import content_stops, line_ends, line_spans

TEXT = st.text("ab \t\n\r", max_size=30).map(str.encode)


def universal_lines(data):
    """The lines as Python's universal newlines cut them."""
    import io

    return list(io.TextIOWrapper(io.BytesIO(data), encoding="ascii", newline=""))


@given(TEXT)
def test_lines_end_where_python_ends_them(data):
    ends = line_ends(data, True).tolist()
    assert [data[a:b].decode() for a, b in zip([0, *ends], ends, strict=False)] == universal_lines(data)


@given(TEXT, st.integers(0, 30))
def test_what_ends_in_a_part_ends_in_the_whole(data, cut):
    part = line_ends(data[:cut], False).tolist()
    assert part == [end for end in line_ends(data, True).tolist() if end <= (part[-1] if part else 0)]


@given(TEXT)
def test_blank_lines_are_left_out_and_line_ends_cut_off(data):
    spans = line_spans(data, True)
    stops = content_stops(data, spans)
    found = [data[a:b].decode() for a, b in zip(spans.starts, stops, strict=True)]
    assert found == [line.rstrip("\r\n") for line in universal_lines(data) if line.strip()]


def test_a_line_of_delimiters_is_a_row():
    assert line_spans(b"a\tb\n\t\n \n", True, b"\t").stops.tolist() == [4, 6]

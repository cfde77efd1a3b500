from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from molq.report.table import WIDTH, Table

TABLE = Table(("scheme", "size"), (("fp32", "1,281 kB"), ("int8-dynamic", "9 kB")))
WORDS = st.text("abcdefgh", min_size=1, max_size=30)


@st.composite
def tables(draw) -> Table:
    n = draw(st.integers(2, 12))
    rows = draw(st.lists(st.tuples(*[WORDS] * n), min_size=1, max_size=4))
    left = draw(st.sets(st.integers(1, n - 1)))
    return Table(draw(st.tuples(*[WORDS] * n)), tuple(rows), tuple(sorted(left)))


def test_text_is_aligned():
    assert TABLE.to_text() == (
        "scheme            size\n────────────  ────────\nfp32          1,281 kB\nint8-dynamic      9 kB"
    )


@given(tables())
def test_no_line_is_wider_than_80_columns_and_no_cell_is_lost(table):
    text = table.to_text()
    assert max(map(len, text.splitlines())) <= WIDTH
    assert all(cell in text for row in (table.header, *table.rows) for cell in row)


def test_a_wide_table_comes_in_blocks_that_repeat_the_first_column():
    table = Table(("model", *"abcd"), (("int8", *(letter * 25 for letter in "abcd")),))
    blocks = table.to_text().split("\n\n")
    assert len(blocks) == 2
    assert all(block.startswith("model") for block in blocks)


def test_prose_in_the_last_column_is_wrapped():
    table = Table(("name", "what it is"), (("bace", "word " * 40),), left=(1,))
    assert max(map(len, table.to_text().splitlines())) <= WIDTH
    assert table.to_text().count("bace") == 1


def test_a_long_path_is_wrapped_in_its_column():
    table = Table(("model", "size"), (("/a" * 60, "9 kB"),))
    assert max(map(len, table.to_text().splitlines())) <= WIDTH
    assert table.to_text().replace("\n", "").replace(" ", "").count("/a") == 60


def test_markdown_reads_numbers_from_the_right_and_escapes_bars():
    assert TABLE.to_markdown() == ("| scheme | size |\n| --- | ---: |\n| fp32 | 1,281 kB |\n| int8-dynamic | 9 kB |")
    assert r"| a\|b | c |" in Table(("x", "y"), (("a|b", "c"),), left=(1,)).to_markdown()
    assert "| --- | --- |" in Table(("x", "y"), (("a|b", "c"),), left=(1,)).to_markdown()


def test_columns_are_picked_and_put_side_by_side():
    table = Table(("a", "b", "c"), (("1", "2", "3"),), left=(2,))
    assert table.only("a", "c") == Table(("a", "c"), (("1", "3"),), left=(1,))
    assert TABLE.beside(Table(("more",), (("x",), ("y",)), left=(0,))).left == (2,)

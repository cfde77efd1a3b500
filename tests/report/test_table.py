from __future__ import annotations

from molq.report.table import Table

TABLE = Table(("scheme", "size"), (("fp32", "1,281 kB"), ("int8-dynamic", "9 kB")))


def test_text_is_aligned():
    assert TABLE.to_text() == (
        "scheme            size\n────────────  ────────\nfp32          1,281 kB\nint8-dynamic      9 kB"
    )


def test_markdown_reads_numbers_from_the_right():
    assert TABLE.to_markdown() == ("| scheme | size |\n| --- | ---: |\n| fp32 | 1,281 kB |\n| int8-dynamic | 9 kB |")

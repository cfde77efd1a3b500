from __future__ import annotations

from molq.report.page import facts, page, table, tile


def test_text_is_escaped():
    assert "<script>" not in facts({"<script>": "<script>"}) + tile("<script>", "<script>", "<script>")
    assert "<title>a &lt; b</title>" in page("a < b", [])


def test_a_page_loads_nothing_from_elsewhere():
    text = page("title", ["<p>body</p>"])
    assert "<p>body</p>" in text
    assert "--accent" in text
    assert not any(mark in text for mark in ("http://", "https://", "src=", "@import", "url("))


def test_columns_are_read_from_the_side_they_are_told():
    text = table(["a", "b"], [["1", "2"]], left=(1,))
    assert '<td>1</td><td class="left">2</td>' in text

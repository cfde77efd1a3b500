"""The bench that pages are tried on can tell a good page from a bad one."""

from __future__ import annotations

import pytest
from browser.chromium import (
    NARROW,
    WIDE,
    assert_accessible,
    complaints,
    downloaded,
    printed,
    set_dark,
    set_scripts,
    set_width,
    shot,
    too_wide,
)

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>of light</title>
<style>main {{ background: white; color: {ink} }}
@media (prefers-color-scheme: dark) {{ main {{ color: #111 }} }}</style>
<main><h1>A page</h1><p style="width: {width}px">text</p>{more}</main>
<script>document.title = `${{innerWidth}}`</script>"""


@pytest.fixture
def shown(browser, tmp_path):
    def show(ink: str = "#111", width: int = 400, more: str = "") -> None:
        path = tmp_path / "page.html"
        path.write_text(PAGE.format(ink=ink, width=width, more=more), encoding="utf-8")
        browser.get(path.as_uri())

    return show


def test_a_good_page_passes(browser, shown):
    shown()
    assert_accessible(browser)
    assert complaints(browser) == []
    assert too_wide(browser) == []


def test_pale_text_and_a_picture_without_words_are_serious(browser, shown):
    shown(ink="#ccc")
    with pytest.raises(AssertionError, match="serious: color-contrast"):
        assert_accessible(browser)
    set_dark(browser)
    assert_accessible(browser)
    shown(more='<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">')
    with pytest.raises(AssertionError, match="critical: image-alt"):
        assert_accessible(browser)


def test_widths_and_what_is_wider(browser, shown):
    shown(width=1000)
    assert browser.title == str(WIDE)
    assert too_wide(browser) == []
    set_width(browser, NARROW)
    shown(width=1000)
    assert browser.title == str(NARROW)
    assert too_wide(browser) == ["P."]


def test_nothing_is_reached_but_this_machine(browser, shown):
    shown(more='<script src="https://example.org/a.js"></script><script>missing()</script>')
    refused, error = complaints(browser)
    assert "ERR_NAME_NOT_RESOLVED" in refused
    assert "missing is not defined" in error


def test_a_page_without_scripts(browser, shown):
    set_scripts(browser, False)
    shown()
    assert browser.title == "of light"


def test_pages_are_printed_pictured_and_downloaded_from(browser, shown, tmp_path):
    shown(more='<a download="said.txt" href="data:text/plain,molecule">save</a>')
    assert printed(browser).startswith(b"%PDF")
    assert shot(browser, tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    browser.find_element("link text", "save").click()
    assert downloaded(browser, tmp_path / "said.txt") == b"molecule"

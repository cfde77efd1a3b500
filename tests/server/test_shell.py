"""The page of the server: everything that it asks for is there, and a strict policy has nothing to refuse."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from molq.server.shell import look, made, shell

STATIC = files("molq.server").joinpath("static")
MODULES = sorted(f.name for f in STATIC.iterdir() if f.name.endswith(".js"))


def text_of(name: str) -> str:
    return STATIC.joinpath(name).read_text(encoding="utf-8")


def test_what_the_page_asks_for_is_there() -> None:
    asked = set(re.findall(r'(?:href|src)="static/([^"]+)"', shell("1.0")))
    assert {"main.js", "page.css", "look.css", "icon.svg"} <= asked
    assert all(name in made() or STATIC.joinpath(name).is_file() for name in asked)
    assert not [name for name in asked if name.startswith("vendor/")]  # loaded when it is wanted


def test_nothing_is_inline() -> None:
    page = shell('1.0"><script>alert(1)</script>')
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=|javascript:", page)
    assert not re.search(r"https?://", page)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_writes_text_and_never_markup(name: str) -> None:
    source = text_of(name)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?://(?!www\.w3\.org/2000/svg)",
        source,
    )
    assert len(source.splitlines()) <= 250
    for imported in re.findall(r'(?:from|import\() ?"\./([^"]+)"', source):
        assert imported in made() or STATIC.joinpath(imported).is_file(), imported


def test_the_editor_lies_beside_its_licence() -> None:
    vendor = STATIC.joinpath("vendor")
    assert "Redistribution and use" in vendor.joinpath("openchemlib.LICENSE").read_text(encoding="utf-8")
    editor = vendor.joinpath("openchemlib.js").read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function\(", editor)


def test_its_look_is_that_of_reports() -> None:
    style = look()
    assert "prefers-color-scheme: dark" in style
    for name in re.findall(r"var\(--(\w+)\)", style + text_of("page.css")):
        assert re.search(rf"--{name}: ", style + text_of("page.css")), name

from __future__ import annotations

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

from matplotlib.figure import Figure

from molq.report.figures.svg import ACCENT, INK, inline_svg, standalone_svg, style
from molq.report.palette import DARK, LIGHT


def drawn(title: str = "A & B") -> str:
    with style():
        figure = Figure(figsize=(3, 2))
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], "o-", color=ACCENT)
        axes.annotate("<label>", (0.5, 0.5), color=INK)
    return inline_svg(figure, title, "what it shows")


def test_colours_are_variables_of_the_page_and_none_of_ours_is_left():
    svg = drawn()
    assert "var(--accent)" in svg
    assert "var(--ink)" in svg
    assert not re.search(r"#0\dfe0\d", svg)


def test_it_is_well_formed_and_named_for_those_who_cannot_see_it():
    root = ElementTree.fromstring(drawn())
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "A & B"
    assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]


def test_text_stays_text_in_the_font_of_the_page():
    svg = drawn()
    assert "&lt;label&gt;" in svg
    assert "DejaVu" not in svg
    assert "font-family" not in svg
    assert "font-size: 11px" in svg


def test_no_id_is_left_that_nothing_refers_to():
    svg = drawn()
    ids = set(re.findall(r' id="([^"]+)"', svg))
    assert ids <= set(re.findall(r'#([\w-]+)["\)]', svg))


def test_the_same_figure_gives_the_same_bytes():
    assert drawn() == drawn()


def test_a_file_of_its_own_is_light_or_dark():
    svg = standalone_svg(drawn())
    ElementTree.fromstring(svg)
    assert "prefers-color-scheme: dark" in svg
    assert f"--ink: {LIGHT['ink']}" in svg
    assert f"--ink: {DARK['ink']}" in svg


def test_nothing_is_said_where_there_is_no_home():
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), os.devnull)
    without = {name: value for name, value in os.environ.items() if name != "MPLCONFIGDIR"} | homes
    done = subprocess.run(
        [sys.executable, "-c", "import molq.report.figures, matplotlib"],
        env=without,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""

"""A heat map shows every number, the best in the strongest colour, and nothing of a file unescaped."""

from __future__ import annotations

import re

import pytest

from molq.report import palette
from molq.report.figures.heat_map import heat_map

COLOURS = ("ink", "accent", "surface")


def opacities(svg: str) -> list[float]:
    return [float(found) for found in re.findall(r"fill-opacity: ([\d.]+)", svg)]


def test_every_number_is_there_and_the_best_is_strongest() -> None:
    values = [[0.1, 0.5], [0.9, None]]
    found = opacities(str(heat_map(values, ["A1", "A2"], ["B1", "B2"], "A with B")))
    assert found[2] == max(found) > found[1] > found[0]
    assert found[3] == 0
    turned = opacities(str(heat_map(values, ["A1", "A2"], ["B1", "B2"], "A with B", lowest=True)))
    assert turned[0] == max(turned)
    for text in ("0.10", "0.50", "0.90", "A2 with B1: 0.90", "A2 with B2: no score"):
        assert text in heat_map(values, ["A1", "A2"], ["B1", "B2"], "A with B")


@pytest.mark.parametrize(
    ("values", "text"), [([[0.5, 0.53]], "0.530"), ([[0.9991, 0.9993]], "0.9993"), ([[1.0]], "1.00")]
)
def test_numbers_that_lie_close_have_more_digits(values: list[list[float | None]], text: str) -> None:
    assert f">{text}<" in heat_map(values, ["A1"], ["B1", "B2"][: len(values[0])], "t")


def test_without_numbers_it_is_empty() -> None:
    assert opacities(str(heat_map([[None]], ["A1"], ["B1"], "<t>"))) == [0]
    assert "<t>" not in heat_map([[None]], ["A1"], ["B1"], "<t>")


@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK])
def test_every_number_is_read_on_its_colour(theme: dict[str, str]) -> None:
    found = str(heat_map([[0.1, 0.9]], ["A1"], ["B1", "B2"], "t"))
    assert set(re.findall(r"var\(--(\w+)\)\">[\d.]+</text>", found)) == {"ink"}
    ink, accent, surface = ([int(theme[name][i : i + 2], 16) / 255 for i in (1, 3, 5)] for name in COLOURS)
    for share in opacities(found):
        cell = [share * a + (1 - share) * s for a, s in zip(accent, surface, strict=True)]
        dark, light = sorted((luminance(ink), luminance(cell)))
        assert (light + 0.05) / (dark + 0.05) > 4.5


def luminance(colour: list[float]) -> float:
    """As WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

from __future__ import annotations

import re

from molq.report.pages.layers import layers_table
from molq.results.layers import Layer


def layer(name: str, ranges: tuple[tuple[float, float], ...], activations: str | None = "static", role="message"):
    return Layer(name, role, (3, 4), "int8", activations, 1234, ranges)


def test_bars_share_one_scale():
    text = "".join(row[-1] for row in layers_table([layer("a", ((0.0, 4.0),)), layer("b", ((-1.0, 1.0),))]).rows)
    assert re.findall(r"left: ([\d.]+)%; width: ([\d.]+)%", text) == [("20.00", "80.00"), ("0.00", "40.00")]
    assert re.findall(r"<b style=\"left: ([\d.]+)%", text) == ["20.00", "20.00"]
    assert "0 to 4" in text
    assert "−1 to 1" in text


def test_a_layer_without_ranges_has_a_dash_beside_those_with_them():
    assert layers_table([layer("a", ((0.0, 4.0),)), layer("b", (), "dynamic")]).rows[1][-1] == "–"


def test_the_column_of_ranges_is_there_only_when_there_are_any():
    assert "range of the inputs" not in layers_table([layer("a", (), None)]).header
    assert layers_table([layer("a", (), None)]).rows[0][3] == "float"
    assert layers_table([layer("a", (), None, role="table")]).rows[0][3] == "look-up table"
    assert "range of each row" in layers_table([layer("a", (), "dynamic")]).rows[0][3]

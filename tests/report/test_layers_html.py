from __future__ import annotations

import re

from molq.report.layers_html import layers_table


def layer(name: str, ranges: list[list[float]], activations: str | None = "static", role: str = "message") -> dict:
    return {
        "name": name, "role": role, "shape": [3, 4], "weights": "int8", "activations": activations, "n_bytes": 1234,
        "ranges": ranges,
    }  # fmt: skip


def test_bars_share_one_scale():
    text = layers_table([layer("a", [[0.0, 4.0]]), layer("b", [[-1.0, 1.0]])])
    assert re.findall(r"left: ([\d.]+)%; width: ([\d.]+)%", text) == [("20.00", "80.00"), ("0.00", "40.00")]
    assert "0 to 4" in text
    assert "−1 to 1" in text


def test_the_column_of_ranges_is_there_only_when_there_are_any():
    assert "range of the inputs" not in layers_table([layer("a", [], None)])
    assert "float" in layers_table([layer("a", [], None)])
    assert "look-up table" in layers_table([layer("a", [], None, role="table")])
    assert "range of each row" in layers_table([layer("a", [], "dynamic")])

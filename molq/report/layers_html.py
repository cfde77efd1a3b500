"""The layers of a model as an HTML table, with the ranges of their quantized inputs drawn to one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from molq.report.page import table

_INPUTS = {"static": "uint8, fixed range", "dynamic": "uint8, range of each row", None: "float"}


def layers_table(layers: Sequence[Mapping[str, Any]]) -> str:
    """A table of the layers of one variant of results.json; the ranges appear only where there are any."""
    ranges = [limits for layer in layers for limits in layer["ranges"]]
    header = ["layer", "shape", "weights", "inputs", "bytes"]
    low, high = min((r[0] for r in ranges), default=0.0), max((r[1] for r in ranges), default=0.0)
    rows = []
    for layer in layers:
        cells = [
            escape(layer["name"]),
            "×".join(map(str, layer["shape"])),
            layer["weights"],
            "look-up table" if layer["role"] == "table" else _INPUTS[layer["activations"]],
            f"{layer['n_bytes']:,}",
        ]
        if ranges:
            bars = "".join(_range(limits[0], limits[1], low, high) for limits in layer["ranges"])
            cells.append(f'<div class="sites">{bars}</div>' if bars else "–")
        rows.append(cells)
    return table(header + (["range of the inputs"] if ranges else []), rows, left=(2, 3))


def _range(low: float, high: float, lowest: float, highest: float) -> str:
    span = (highest - lowest) or 1.0
    left, width, zero = 100 * (low - lowest) / span, 100 * (high - low) / span, 100 * (0 - lowest) / span
    return (
        f'<span>{_short(low)} to {_short(high)}<span class="range" role="presentation">'
        f'<i style="left: {left:.2f}%; width: {width:.2f}%"></i><b style="left: {zero:.2f}%"></b></span></span>'
    )


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if value else "0"

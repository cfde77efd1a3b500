"""The layers of a model as a table of a page, with the ranges of their quantized inputs drawn to one scale."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from molq.report.numbers import ABSENT, span
from molq.report.pages.page import macros
from molq.report.table import Table
from molq.results.layers import Layer

_INPUTS = {"static": "uint8, fixed range", "dynamic": "uint8, range of each row", None: "float"}


def layers_table(layers: Sequence[Layer]) -> Table:
    """A row per layer; the ranges appear only where there are any."""
    limits = [limits for layer in layers for limits in layer.ranges]
    table = Table(("layer", "shape", "weights", "inputs", "bytes"), tuple(_row(layer) for layer in layers), left=(2, 3))
    if not limits:
        return table
    least, largest = min(low for low, _ in limits), max(high for _, high in limits)
    bars = tuple((_ranges(layer, least, largest),) for layer in layers)
    return table.beside(Table(("range of the inputs",), bars))


def _row(layer: Layer) -> tuple[str, ...]:
    inputs = "look-up table" if layer.role == "table" else _INPUTS[layer.activations]
    return layer.name, "×".join(map(str, layer.shape)), layer.weights, inputs, f"{layer.n_bytes:,}"


def _ranges(layer: Layer, least: float, largest: float) -> str:
    """A bar per call site between the least and the largest value of all layers; the tick is zero."""
    width = 100 / ((largest - least) or 1.0)
    bars = (
        macros().range_bar(span(low, high), width * (low - least), width * (high - low), width * (0 - least))
        for low, high in layer.ranges
    )
    return Markup("").join(bars) or ABSENT

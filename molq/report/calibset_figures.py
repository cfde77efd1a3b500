"""Small SVG figures for the validation of a calibration set."""

from __future__ import annotations

import math
from typing import Any

_STRIP_WIDTH, _STRIP_HEIGHT, _MARGIN = 220, 22, 10
_HISTOGRAM_WIDTH, _HISTOGRAM_HEIGHT, _AXIS_HEIGHT = 240, 90, 16
_FAULT, _FINE, _LIBRARY = "#b3261e", "#1a7f37", "#c9d1d9"
_SET = "#0969da"


def strip_svg(measure: dict[str, Any], fault: bool) -> str:
    """The set's value on an axis spanned by the random draws, worse to the right; logarithmic where so judged."""
    at = _places(measure)
    low, high = at["null_min"], at["null_max"]
    width = (high - low) or max(abs(high), 1.0) * 0.01
    start, stop = low - 0.35 * width, high + 0.35 * width

    def x(value: float) -> float:
        share = (value - start) / (stop - start)
        share = min(max(share if measure["larger_is_worse"] else 1 - share, 0.0), 1.0)
        return _MARGIN + share * (_STRIP_WIDTH - 2 * _MARGIN)

    middle = _STRIP_HEIGHT / 2
    band = sorted((x(at["null_low"]), x(at["null_high"])))
    colour = _FAULT if fault else _FINE
    return (
        f'<svg width="{_STRIP_WIDTH}" height="{_STRIP_HEIGHT}" role="img">'
        f'<line x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{middle}" y2="{middle}" stroke="#8c959f"/>'
        f'<rect x="{band[0]:.1f}" y="{middle - 5}" width="{max(band[1] - band[0], 1):.1f}" height="10" '
        f'fill="{_LIBRARY}"/>'
        f'<line x1="{x(at["null_median"]):.1f}" x2="{x(at["null_median"]):.1f}" y1="{middle - 6}" '
        f'y2="{middle + 6}" stroke="#59636e" stroke-width="1.5"/>'
        f"{_marker(x(at['value']), middle, colour, start <= at['value'] <= stop)}</svg>"
    )


def histogram_svg(histogram: dict[str, Any]) -> str:
    """Library as filled steps, the set as a line over it."""
    top = max([*histogram["library"], *histogram["chosen"], 1e-9])
    edges = histogram["edges"]
    height = _HISTOGRAM_HEIGHT - _AXIS_HEIGHT

    def x(value: float) -> float:
        return (value - edges[0]) / (edges[-1] - edges[0]) * (_HISTOGRAM_WIDTH - 2) + 1

    def outline(shares: list[float]) -> str:
        points = [f"{x(edges[0]):.1f},{height}"]
        for left, right, share in zip(edges[:-1], edges[1:], shares, strict=True):
            y = 2 + (height - 2) * (1 - share / top)
            points += [f"{x(left):.1f},{y:.1f}", f"{x(right):.1f},{y:.1f}"]
        return " ".join([*points, f"{x(edges[-1]):.1f},{height}"])

    first, last = _axis_ends(edges)
    return (
        f'<svg width="100%" viewBox="0 0 {_HISTOGRAM_WIDTH} {_HISTOGRAM_HEIGHT}" role="img">'
        f'<polygon points="{outline(histogram["library"])}" fill="{_LIBRARY}"/>'
        f'<polyline points="{outline(histogram["chosen"])}" fill="none" stroke="{_SET}" stroke-width="1.5"/>'
        f'<line x1="0" x2="{_HISTOGRAM_WIDTH}" y1="{height}" y2="{height}" stroke="#8c959f"/>'
        f'<text x="1" y="{_HISTOGRAM_HEIGHT - 4}" font-size="10" fill="#59636e">{first}</text>'
        f'<text x="{_HISTOGRAM_WIDTH - 1}" y="{_HISTOGRAM_HEIGHT - 4}" font-size="10" fill="#59636e" '
        f'text-anchor="end">{last}</text></svg>'
    )


def _places(measure: dict[str, Any]) -> dict[str, float]:
    """The set's value and the quantiles of the draws on the scale on which they are compared."""
    names = ("value", "null_min", "null_low", "null_median", "null_high", "null_max")
    floor = measure["log_floor"]
    return {n: measure[n] if floor is None else math.log10(max(measure[n], floor)) for n in names}


def _marker(x: float, y: float, colour: str, on_scale: bool) -> str:
    if on_scale:
        return f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{colour}"/>'
    tip = 7 if x > _STRIP_WIDTH / 2 else -7
    return f'<path d="M {x:.1f} {y - 5} l {tip} 5 l {-tip} 5 z" fill="{colour}"/>'


def _axis_ends(edges: list[float]) -> tuple[str, str]:
    """Labels of the axis; bins of one integer each are named by their middle."""
    if len(edges) > 1 and all(abs(edge % 1 - 0.5) < 1e-9 for edge in edges):
        return f"{edges[0] + 0.5:.0f}", f"{edges[-1] - 0.5:.0f}"
    return f"{edges[0]:,.4g}", f"{edges[-1]:,.4g}"

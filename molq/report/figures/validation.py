"""Small SVG figures for the validation of a calibration set, in the colours of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from molq.report.numbers import decimal, short
from molq.results.validation import Measure, PropertyHistogram

_STRIP_WIDTH, _STRIP_HEIGHT, _MARGIN = 220, 22, 10
_HISTOGRAM_WIDTH, _HISTOGRAM_HEIGHT, _AXIS_HEIGHT = 150, 62, 15
_STRIP = Markup(
    '<svg class="strip" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">'
    '<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" style="stroke: var(--muted)"/>'
    '<rect x="{band:.1f}" y="{band_top}" width="{band_width:.1f}" height="10" rx="2" style="fill: var(--plain); '
    'opacity: .4"/>'
    '<line x1="{median:.1f}" x2="{median:.1f}" y1="{tick_top}" y2="{tick_bottom}" style="stroke: var(--muted); '
    'stroke-width: 1.5"/>{marker}</svg>'
)
_DOT = Markup('<circle cx="{x:.1f}" cy="{y}" r="4.5" style="fill: var(--{colour})"/>')
_ARROW = Markup('<path d="M {x:.1f} {top} l {tip} 5 l {back} 5 z" style="fill: var(--{colour})"/>')
_HISTOGRAM = Markup(
    '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">'
    '<polygon points="{library}" style="fill: var(--plain); opacity: .45"/>'
    '<polyline points="{chosen}" style="fill: none; stroke: var(--accent); stroke-width: 1.3"/>'
    '<line x1="0" x2="{width}" y1="{floor}" y2="{floor}" style="stroke: var(--muted); stroke-width: .6"/>'
    '<text x="1" y="{text_y}" style="font-size: 10px; fill: var(--muted)">{first}</text>'
    '<text x="{right}" y="{text_y}" style="font-size: 10px; fill: var(--muted); text-anchor: end">{last}</text></svg>'
)


class _Scale(NamedTuple):
    """The quantiles of the draws, and the set's value, on the scale on which they are compared."""

    value: float
    low_end: float
    low: float
    median: float
    high: float
    high_end: float

    def is_within(self, larger_is_worse: bool) -> bool:
        """Whether some draw is at least as bad."""
        return self.value <= self.high_end if larger_is_worse else self.value >= self.low_end


def strip(measure: Measure, fault: bool) -> Markup:
    """The set's value on an axis spanned by the random draws, worse to the right; logarithmic where so judged."""
    at = _scale(measure)
    width = (at.high_end - at.low_end) or max(abs(at.high_end), 1.0) * 0.01
    start, stop = at.low_end - 0.35 * width, at.high_end + 0.35 * width

    def x(value: float) -> float:
        share = (value - start) / (stop - start)
        share = min(max(share if measure.larger_is_worse else 1 - share, 0.0), 1.0)
        return _MARGIN + share * (_STRIP_WIDTH - 2 * _MARGIN)

    middle = _STRIP_HEIGHT / 2
    colour = "bad" if fault else "good" if at.is_within(measure.larger_is_worse) else "open"
    band = sorted((x(at.low), x(at.high)))
    return _STRIP.format(
        width=_STRIP_WIDTH,
        height=_STRIP_HEIGHT,
        label=measure.label,
        low=x(at.low_end),
        high=x(at.high_end),
        y=middle,
        band=band[0],
        band_top=middle - 5,
        band_width=max(band[1] - band[0], 1),
        median=x(at.median),
        tick_top=middle - 6,
        tick_bottom=middle + 6,
        marker=_marker(x(at.value), middle, colour, start <= at.value <= stop),
    )


def histogram(found: PropertyHistogram) -> Markup:
    """Library as filled steps, the set as a line over it."""
    top = max([*found.library, *found.chosen, 1e-9])
    edges = found.edges
    floor = _HISTOGRAM_HEIGHT - _AXIS_HEIGHT

    def x(value: float) -> float:
        return (value - edges[0]) / (edges[-1] - edges[0]) * (_HISTOGRAM_WIDTH - 2) + 1

    def outline(shares: Sequence[float]) -> str:
        points = [f"{x(edges[0]):.1f},{floor}"]
        for left, right, share in zip(edges[:-1], edges[1:], shares, strict=True):
            y = 2 + (floor - 2) * (1 - share / top)
            points += [f"{x(left):.1f},{y:.1f}", f"{x(right):.1f},{y:.1f}"]
        return " ".join([*points, f"{x(edges[-1]):.1f},{floor}"])

    first, last = _axis_ends(edges)
    return _HISTOGRAM.format(
        width=_HISTOGRAM_WIDTH,
        height=_HISTOGRAM_HEIGHT,
        label=found.label,
        library=outline(found.library),
        chosen=outline(found.chosen),
        floor=floor,
        text_y=_HISTOGRAM_HEIGHT - 3,
        right=_HISTOGRAM_WIDTH - 1,
        first=first,
        last=last,
    )


def _scale(m: Measure) -> _Scale:
    values = (m.value, m.null_min, m.null_low, m.null_median, m.null_high, m.null_max)
    floor = m.log_floor
    return _Scale(*(v if floor is None else math.log10(max(v, floor)) for v in values))


def _marker(x: float, y: float, colour: str, on_scale: bool) -> Markup:
    if on_scale:
        return _DOT.format(x=x, y=y, colour=colour)
    tip = 7 if x > _STRIP_WIDTH / 2 else -7
    return _ARROW.format(x=x, top=y - 5, tip=tip, back=-tip, colour=colour)


def _axis_ends(edges: Sequence[float]) -> tuple[str, str]:
    """Labels of the axis; bins of one integer each are named by their middle."""
    if len(edges) > 1 and all(abs(edge % 1 - 0.5) < 1e-9 for edge in edges):
        return decimal(edges[0] + 0.5, 0), decimal(edges[-1] - 0.5, 0)
    return short(edges[0]), short(edges[-1])

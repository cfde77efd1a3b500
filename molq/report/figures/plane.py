"""Two axes as inline SVG in the colours of the page, and lines and points on them: light enough for many on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH, HEIGHT = 440, 350
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 20, 10, 46
_LEGEND_WIDTH, _LEGEND_LINE = 172, 19
Point = tuple[float, float]

_PLANE = Markup(
    '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}"><title>{title}</title><desc>{text}</desc>'
    '<g style="font-size: 12px; fill: var(--muted); stroke: none">{grid}{labels}</g>{body}{legend}</svg>'
)
_GRID = Markup('<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" style="stroke: var(--grid); stroke-width: 1"/>')
_LABEL = Markup('<text x="{x:.1f}" y="{y:.1f}" style="text-anchor: {anchor}">{text}</text>')
_UPRIGHT = Markup('<text transform="translate(14 {y:.1f}) rotate(-90)" style="text-anchor: middle">{text}</text>')
_LINE = Markup('<polyline points="{points}" style="fill: none; stroke-linejoin: round; {style}"/>')
_DOTS = Markup('<g style="{style}">{dots}</g>')
_DOT = Markup('<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>')
_KEY = Markup(
    '<path d="M{x} {y:.1f}h22" style="fill: none; {style}"/>'
    '<text x="{text_x}" y="{text_y:.1f}" style="font-size: 12px; fill: var(--ink)">{text}</text>'
)
_DOT_KEY = Markup(
    '<circle cx="{x}" cy="{y:.1f}" r="4" style="{style}"/>'
    '<text x="{text_x}" y="{text_y:.1f}" style="font-size: 12px; fill: var(--ink)">{text}</text>'
)


class Axis(NamedTuple):
    """From ``low`` to ``high``, with ticks there; ``shown`` is how a tick reads."""

    label: str
    low: float
    high: float
    ticks: Sequence[float]
    shown: Callable[[float], str]


class Key(NamedTuple):
    """A line of the legend."""

    text: str
    style: str
    """of the line, or of the dot"""
    is_dot: bool = False


class Plane(NamedTuple):
    """The axes; places are worked out by ``x`` and ``y``."""

    across: Axis
    up: Axis

    def x(self, value: float) -> float:
        """Of a value on the lower axis, in pixels."""
        return _LEFT + (value - self.across.low) / (self.across.high - self.across.low) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Of a value on the left axis, in pixels from above."""
        share = (value - self.up.low) / (self.up.high - self.up.low)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)

    def line(self, points: Iterable[Point], style: str) -> Markup:
        """Through the points."""
        return _LINE.format(points=" ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points), style=style)

    def dots(self, points: Iterable[Point], style: str, radius: float = 3.2) -> Markup:
        """One at each point."""
        drawn = (_DOT.format(x=self.x(x), y=self.y(y), radius=radius) for x, y in points)
        return _DOTS.format(style=style, dots=Markup("").join(drawn))

    def svg(self, title: str, text: str, body: Iterable[Markup], legend: Sequence[Key] = ()) -> Markup:
        """The figure; the legend stands in the lower right corner."""
        return _PLANE.format(
            width=WIDTH,
            height=HEIGHT,
            title=escape(title),
            text=escape(text),
            grid=self._grid(),
            labels=self._labels(),
            body=Markup("").join(body),
            legend=_legend(legend),
        )

    def _grid(self) -> Markup:
        left, right, floor, top = _LEFT, WIDTH - _RIGHT, HEIGHT - _BOTTOM, _TOP
        lines = [_GRID.format(x1=self.x(t), x2=self.x(t), y1=floor, y2=top) for t in self.across.ticks]
        lines += [_GRID.format(x1=left, x2=right, y1=self.y(t), y2=self.y(t)) for t in self.up.ticks]
        return Markup("").join(lines)

    def _labels(self) -> Markup:
        floor = HEIGHT - _BOTTOM
        middle = _LEFT + (WIDTH - _LEFT - _RIGHT) / 2
        texts = [
            _LABEL.format(x=self.x(t), y=floor + 17, anchor="middle", text=self.across.shown(t))
            for t in self.across.ticks
        ]
        texts += [
            _LABEL.format(x=_LEFT - 7, y=self.y(t) + 4, anchor="end", text=self.up.shown(t)) for t in self.up.ticks
        ]
        texts.append(_LABEL.format(x=middle, y=HEIGHT - 8, anchor="middle", text=self.across.label))
        return Markup("").join([*texts, _UPRIGHT.format(y=_TOP + (floor - _TOP) / 2, text=self.up.label)])


def _legend(keys: Sequence[Key]) -> Markup:
    x = WIDTH - _RIGHT - _LEGEND_WIDTH
    drawn = []
    for i, key in enumerate(keys):
        y = HEIGHT - _BOTTOM - 12 - _LEGEND_LINE * (len(keys) - 1 - i)
        made = _DOT_KEY if key.is_dot else _KEY
        drawn.append(
            made.format(x=x + 11 * key.is_dot, y=y, style=key.style, text_x=x + 30, text_y=y + 4, text=escape(key.text))
        )
    return Markup("").join(drawn)

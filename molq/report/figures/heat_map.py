"""A table of numbers as inline SVG, each in a cell whose colour tells its size."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from molq.report.numbers import decimal

_CELL_WIDTH, _CELL_HEIGHT, _LABEL = 46, 26, 34

_MAP = Markup(
    '<svg viewBox="0 0 {width} {height}" style="max-width: {width}px" role="img" aria-label="{title}">'
    '<title>{title}</title><g style="font-size: 12px; text-anchor: middle">{labels}{cells}</g></svg>'
)
_TEXT = Markup('<text x="{x}" y="{y}" style="fill: var(--{colour})">{text}</text>')
_CELL = Markup(
    '<g><title>{tip}</title><rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" style="fill: var(--accent);'
    ' fill-opacity: {share:.3f}"/><text x="{text_x}" y="{text_y}" style="fill: var(--ink)">{text}</text></g>'
)
_STRONG = 0.52
"""opacity of the largest; ink is read upon it in both themes"""
_FINE = 0.1
"""span of the numbers below which they take another digit"""


def heat_map(
    values: Sequence[Sequence[float | None]],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    *,
    lowest: bool = False,
) -> Markup:
    """The table, the best in the strongest colour; a cell without a number stays empty."""
    known = [value for row in values for value in row if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    digits = 2 + (0 < high - low < _FINE) + (0 < high - low < _FINE / 10)
    cells, labels = [], []
    for i, (name, row) in enumerate(zip(rows, values, strict=True)):
        y = _CELL_HEIGHT * (i + 1)
        labels.append(_TEXT.format(x=_LABEL / 2 - 2, y=y + 17, colour="muted", text=name))
        for j, value in enumerate(row):
            x = _LABEL + _CELL_WIDTH * j
            share = 0.0 if value is None else _STRONG * _share(value, low, high, lowest)
            text = "" if value is None else decimal(value, digits)
            cells.append(
                _CELL.format(
                    tip=f"{name} with {columns[j]}: {text or 'no score'}",
                    x=x + 1,
                    y=y + 1,
                    width=_CELL_WIDTH - 2,
                    height=_CELL_HEIGHT - 2,
                    share=share,
                    text_x=x + _CELL_WIDTH / 2,
                    text_y=y + 17,
                    text=text,
                )
            )
    for j, name in enumerate(columns):
        labels.append(_TEXT.format(x=_LABEL + _CELL_WIDTH * (j + 0.5), y=17, colour="muted", text=name))
    return _MAP.format(
        width=_LABEL + _CELL_WIDTH * len(columns),
        height=_CELL_HEIGHT * (len(rows) + 1),
        title=escape(title),
        labels=Markup("").join(labels),
        cells=Markup("").join(cells),
    )


def _share(value: float, low: float, high: float, lowest: bool) -> float:
    if high == low:
        return 0.5
    found = (value - low) / (high - low)
    return 1 - found if lowest else found

"""What executed scores find, beside labels: ROC curve, enrichment curve, and predicted against measured values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from molq.report.figures.plane import Axis, Key, Plane, Point
from molq.report.numbers import percent, short
from molq.results.curves import FoundCurve, Predicted

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_DIAGONAL: tuple[Point, ...] = ((0.0, 0.0), (1.0, 1.0))
_WIDE = "stroke: var(--plain); stroke-width: 6; opacity: .45"
_MAIN = "stroke: var(--accent); stroke-width: 2"
_THIN = "stroke: var(--plain); stroke-width: .8"
_CHANCE = "stroke: var(--muted); stroke-width: 1; stroke-dasharray: 4 4"
_BEST = "stroke: var(--muted); stroke-width: 1.4; stroke-dasharray: 1 3"
_GREY_DOTS, _MAIN_DOTS = "fill: var(--plain); opacity: .5", "fill: none; stroke: var(--accent); stroke-width: 1.4"


class Ranking(NamedTuple):
    """A model, by the name that a legend gives it, and what its scores found of one task."""

    name: str
    found: FoundCurve


class Rankings(NamedTuple):
    """Models on the same molecules: the reference, one to look at, and others."""

    reference: Ranking
    chosen: Ranking | None = None
    others: Sequence[Ranking] = ()


class Pairs(NamedTuple):
    """A regressor, by the name that a legend gives it, and its predictions of one task."""

    name: str
    found: Predicted


def roc_curve(rankings: Rankings) -> Markup:
    """Inline SVG: share of actives found over share of inactives picked with them; the reference is the wide line."""

    def points(found: FoundCurve) -> Iterator[Point]:
        n_inactives, n_actives = found.inactives[-1], found.actives[-1]
        return ((x / n_inactives, y / n_actives) for x, y in zip(found.inactives, found.actives, strict=True))

    bounds = [("chance", _DIAGONAL, _CHANCE)]
    title = f"ROC curve of {rankings.reference.found.task}"
    return _curves(_shares("inactives picked with them"), title, points, bounds, rankings)


def enrichment_curve(rankings: Rankings) -> Markup:
    """Inline SVG: share of actives found over share of molecules screened, between chance and the best there can be."""

    def points(found: FoundCurve) -> Iterator[Point]:
        n, n_actives = found.inactives[-1] + found.actives[-1], found.actives[-1]
        return (((x + y) / n, y / n_actives) for x, y in zip(found.inactives, found.actives, strict=True))

    found = rankings.reference.found
    share = found.actives[-1] / (found.inactives[-1] + found.actives[-1])
    bounds = [
        ("best possible", ((0.0, 0.0), (share, 1.0), (1.0, 1.0)), _BEST),
        ("chance", _DIAGONAL, _CHANCE),
    ]
    title = f"Enrichment curve of {found.task}"
    return _curves(_shares("molecules screened, best first"), title, points, bounds, rankings)


def parity(reference: Pairs, chosen: Pairs | None) -> Markup:
    """Inline SVG: predicted over measured values; on the line they are the same."""
    sides = [side.found for side in (reference, chosen) if side is not None]
    values = [v for found in sides for v in (*found.measured, *found.predicted)]
    ticks = [float(t) for t in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(min(values), max(values))]
    axis = Axis("measured", ticks[0], ticks[-1], ticks, short)
    plane = Plane(axis, axis._replace(label="predicted"))
    body = [plane.line([(axis.low, axis.low), (axis.high, axis.high)], _CHANCE)]
    style = _MAIN_DOTS if chosen is None else _GREY_DOTS
    body.append(plane.dots(zip(sides[0].measured, sides[0].predicted, strict=True), style, 4))
    keys = [Key(reference.name, style, is_dot=True)]
    if chosen is not None:
        body.append(plane.dots(zip(sides[1].measured, sides[1].predicted, strict=True), _MAIN_DOTS))
        keys.append(Key(chosen.name, _MAIN_DOTS, is_dot=True))
    n = len(sides[0].measured)
    return plane.svg(f"Predicted and measured {reference.found.task}", f"{n} molecules", body, keys)


def _shares(across: str) -> Plane:
    def shown(value: float) -> str:
        return percent(value, 0)

    return Plane(Axis(across, 0, 1, _QUARTERS, shown), Axis("actives found", 0, 1, _QUARTERS, shown))


def _curves(
    plane: Plane,
    title: str,
    points: Callable[[FoundCurve], Iterable[Point]],
    bounds: Sequence[tuple[str, tuple[Point, ...], str]],
    rankings: Rankings,
) -> Markup:
    """The bounds, by name and style, behind every curve; the main one on top."""
    reference, chosen, others = rankings
    drawn = [plane.line(line, style) for _, line, style in bounds]
    drawn += [plane.line(points(one.found), _THIN) for one in others]
    style = _MAIN if chosen is None else _WIDE
    drawn.append(plane.line(points(reference.found), style))
    keys = [Key(reference.name, style)]
    if chosen is not None:
        drawn.append(plane.line(points(chosen.found), _MAIN))
        keys.append(Key(chosen.name, _MAIN))
    if others:
        keys.append(Key("the other schemes", _THIN))
    keys += [Key(name, style) for name, _, style in bounds]
    n_actives, n_inactives = reference.found.actives[-1], reference.found.inactives[-1]
    text = f"{n_actives:,} actives, {n_inactives:,} inactives; " + "; ".join(key.text for key in keys)
    return plane.svg(title, text, drawn, keys)

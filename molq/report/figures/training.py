"""Figures of a training: loss and metric over the epochs, and a metric over splits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from molq.metrics.significance import Interval
from molq.report.figures.plane import Axis, Key, Plane
from molq.report.numbers import METRIC_NAMES, decimal, short
from molq.results.training import Epoch, Repeats, Training

_TRAIN = "stroke: var(--plain); stroke-width: 2"
_VALID = "stroke: var(--accent); stroke-width: 2"
_KEPT = "stroke: var(--muted); stroke-width: 1; stroke-dasharray: 4 4"
_INTERVAL = "stroke: var(--plain); stroke-width: 3; stroke-linecap: round"
_OWN_INTERVAL = "stroke: var(--accent); stroke-width: 3; stroke-linecap: round"
_LEGEND_ROOM = 0.35
"""below lines that fall towards the legend"""
_DOTS, _OWN_DOT = "fill: var(--plain)", "fill: var(--accent)"


def losses(training: Training) -> Markup:
    """Inline SVG: loss on training and on validation molecules after every epoch, a line for each member."""
    found = [("training molecules", _TRAIN, _lines(training, lambda epoch: epoch.train_loss))]
    valid = _lines(training, lambda epoch: epoch.valid_loss)
    return _over_epochs(training, "loss", [*found, *([("validation molecules", _VALID, valid)] if valid else [])])


def metric(training: Training) -> Markup | None:
    """Inline SVG: what the epoch is chosen by on validation molecules; None without these."""
    lines = _lines(training, lambda epoch: epoch.valid_metric)
    if not lines:
        return None
    return _over_epochs(training, METRIC_NAMES[training.metric], [("validation molecules", _VALID, lines)])


def splits(repeats: Repeats, name: str) -> Markup:
    """Inline SVG: a metric of every split with its interval, the model's own first, and the mean over them."""
    found = [(split.seed, split.metrics[name]) for split in repeats.splits if name in split.metrics]
    own_seed = repeats.splits[0].seed
    bounds = [bound for _, interval in found for bound in _bounds(interval)]
    seeds = {len(found) - i: str(seed) for i, (seed, _) in enumerate(found)}
    across = _axis(f"test {METRIC_NAMES[name]}", bounds)
    plane = Plane(across, Axis("split seed", 0, len(found) + 1, sorted(seeds), lambda value: seeds[round(value)]))
    mean = repeats.spread[name].mean
    body = [plane.line([(mean, 0), (mean, len(found) + 1)], _KEPT)]
    for y, (seed, interval) in zip(sorted(seeds, reverse=True), found, strict=True):
        own = seed == own_seed
        body.append(plane.line([(bound, y) for bound in _bounds(interval)], _OWN_INTERVAL if own else _INTERVAL))
        body.append(plane.dots([(interval.value, y)], _OWN_DOT if own else _DOTS, 5))
    text = "; ".join(f"seed {seed}: {decimal(interval.value)}" for seed, interval in found)
    return plane.svg(f"{METRIC_NAMES[name]} of {len(found)} splits", f"{text}; mean {decimal(mean)}", body)


def _over_epochs(
    training: Training, what: str, sides: Sequence[tuple[str, str, list[list[tuple[float, float]]]]]
) -> Markup:
    values = [y for _, _, lines in sides for line in lines for _, y in line]
    falls = any(line[-1][1] < line[0][1] for _, _, lines in sides for line in lines)
    last = max(epoch.epoch for epoch in training.curve)
    ticks = [tick for tick in MaxNLocator(6, integer=True).tick_values(1, last) if 1 <= tick <= last] or [1]
    plane = Plane(
        Axis("epoch", 1 if last > 1 else 0.5, last if last > 1 else 1.5, ticks, short),
        _axis(what, values, _LEGEND_ROOM if falls else 0.0),
    )
    body = [
        plane.line([(epoch, plane.up.low), (epoch, plane.up.high)], _KEPT)
        for epoch in dict.fromkeys(training.best_epochs)
    ]
    body += [plane.line(line, style) for _, style, lines in sides for line in lines if len(line) > 1]
    body += [
        plane.dots(line, style.replace("stroke:", "fill:"))
        for _, style, lines in sides
        for line in lines
        if len(line) == 1
    ]
    kept = ", ".join(map(str, training.best_epochs))
    keys = [*(Key(name, style) for name, style, _ in sides), Key(f"kept: epoch {kept}", _KEPT)]
    ends = "; ".join(f"{name}: {short(lines[0][0][1])} to {short(lines[0][-1][1])}" for name, _, lines in sides)
    return plane.svg(f"{what} over the epochs", ends, body, keys)


def _lines(training: Training, of: Callable[[Epoch], float | None]) -> list[list[tuple[float, float]]]:
    """A line of every member that has values."""
    lines: dict[int, list[tuple[float, float]]] = {}
    for epoch in training.curve:
        value = of(epoch)
        if value is not None:
            lines.setdefault(epoch.member, []).append((epoch.epoch, value))
    return list(lines.values())


def _axis(label: str, values: Iterable[float], below: float = 0.0) -> Axis:
    """Ticks around the values; ``below`` is room under them, as a share of what they span."""
    found = list(values)
    low, high = min(found), max(found)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    bottom = low - max(room, below * (high - low))
    ticks = [float(tick) for tick in MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(bottom, high + room)]
    return Axis(label, ticks[0], ticks[-1], ticks, short)


def _bounds(found: Interval) -> tuple[float, float]:
    """Of the interval, or the value twice where it has none."""
    return (found.value, found.value) if found.low != found.low else (found.low, found.high)

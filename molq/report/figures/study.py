"""Figures of a study: accuracy versus size, differences to fp32 against the margin, speed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from molq.report.figures.svg import ACCENT, BAND, GRID, INK, MUTED, PLAIN, SURFACE, inline_svg, style
from molq.report.numbers import METRIC_NAMES, decimal, kilobytes, signed, times
from molq.results.study import Study, Variant

_WIDTH_IN, _HEIGHT_IN = 6.1, 4.1
_SAME_SIZE = 1.1
_DODGE = 1.065
_SLANT = 55
_LABEL_ROOM = 0.42


def accuracy_versus_size(study: Study) -> Markup:
    """Inline SVG: metric with its interval over the size of the file, on a logarithmic axis."""
    variants, metric = study.variants, study.statistics.metric
    name = METRIC_NAMES[metric]
    with style():
        figure, axes = _axes()
        for group in _groups(variants):
            _draw_group(axes, group, metric)
        _make_room_for_labels(axes)
        sizes = [v.size_bytes for v in variants]
        axes.set_xscale("log")
        axes.set_xlim(min(sizes) / 1.35, max(sizes) * 1.35)
        ticks = [_middle(group) for group in _groups(variants)]
        labels = [f"{size / 1000:,.0f} kB\n{times(size / variants[0].size_bytes)}" for size in ticks]
        axes.set_xticks(ticks, labels)
        axes.set_xticks([], minor=True)
        axes.set_xlabel("saved file, and its share of fp32’s")
        axes.set_ylabel(f"test {name}")
        axes.grid(axis="y")
    points = "; ".join(
        f"{v.scheme} {kilobytes(v.size_bytes)}, {name} {decimal(v.accuracy.metrics[metric].value)}" for v in variants
    )
    return inline_svg(figure, f"{name} versus file size", points)


def differences_to_fp32(study: Study) -> Markup:
    """Inline SVG: the paired difference of the metric with its interval, beside the non-inferiority margin."""
    metric, margin = study.statistics.metric, study.statistics.margin
    name = METRIC_NAMES[metric]
    variants = [v for v in study.variants if v.accuracy.verdict is not None]
    differences = [v.accuracy.differences[metric] for v in variants]
    lower_is_better = metric == "rmse"
    limit = margin if lower_is_better else -margin
    reach = max([margin * 1.4, *(abs(end) * 1.15 for d in differences for end in (d.low, d.high))])
    with style():
        figure, axes = _axes()
        beyond = (limit, 2 * reach) if lower_is_better else (-reach, limit)
        axes.axvspan(*beyond, color=BAND, linewidth=0)
        axes.axvline(0, color=MUTED, linewidth=1)
        axes.axvline(limit, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        for y, (v, d) in enumerate(zip(reversed(variants), reversed(differences), strict=True)):
            colour = _colour(v.scheme)
            axes.plot([d.low, d.high], [y, y], color=colour, linewidth=2.4, solid_capstyle="round")
            axes.plot(d.value, y, "o", color=colour, markersize=8, markeredgecolor=SURFACE, markeredgewidth=1.2)
            axes.annotate(signed(d.value), (0.995, y), xycoords=("axes fraction", "data"), ha="right", va="center")
        axes.set_yticks(range(len(variants)), [v.scheme for v in reversed(variants)])
        axes.tick_params(axis="y", labelcolor=INK, length=0)
        axes.set_ylim(-0.6, len(variants) - 0.2)
        axes.set_xlim(-reach, reach * 1.4)
        axes.spines["left"].set_visible(False)
        axes.annotate(
            f"margin {signed(limit, 3)}",
            (limit, 1),
            (5 if not lower_is_better else -5, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left" if not lower_is_better else "right",
            va="top",
            color=MUTED,
            fontsize=10,
        )
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel(f"test {name} minus that of fp32")
    points = "; ".join(f"{v.scheme} {signed(d.value)}" for v, d in zip(variants, differences, strict=True))
    return inline_svg(figure, f"Difference in {name} to fp32", points)


def speed(study: Study) -> Markup:
    """Inline SVG: throughput of each variant as a multiple of fp32's, with the range of single rounds."""
    variants = study.variants
    top = max(v.throughput.speedup_high for v in variants)
    with style():
        figure, axes = _axes()
        for y, v in enumerate(reversed(variants)):
            pace = v.throughput
            axes.barh(y, pace.speedup, height=0.52, color=_colour(v.scheme), linewidth=0)
            axes.plot([pace.speedup_low, pace.speedup_high], [y, y], color=INK, linewidth=1.3)
            label = f"{times(pace.speedup)} · {pace.mols_per_s:,.0f} mol/s"
            end = max(pace.speedup, pace.speedup_high)
            axes.annotate(label, (end, y), (7, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(variants)), [v.scheme for v in reversed(variants)])
        axes.tick_params(axis="y", labelcolor=INK, length=0)
        axes.axvline(1, color=GRID, linewidth=1, zorder=0)
        axes.set_xlim(0, top * 1.55)
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=6)
        axes.set_xlabel("speed as a multiple of fp32")
    points = "; ".join(f"{v.scheme} {v.throughput.speedup:.2f} times fp32" for v in variants)
    return inline_svg(figure, "Speed relative to fp32", points)


def _axes() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN), layout="constrained")
    return figure, figure.add_subplot()


def _colour(scheme: str) -> str:
    return ACCENT if scheme == "int8" else PLAIN


def _groups(variants: Sequence[Variant]) -> list[list[Variant]]:
    """Variants whose files are about equally large, the small first."""
    groups: list[list[Variant]] = []
    for v in sorted(variants, key=lambda v: v.size_bytes):
        if groups and v.size_bytes / groups[-1][-1].size_bytes < _SAME_SIZE:
            groups[-1].append(v)
        else:
            groups.append([v])
    return groups


def _middle(group: Sequence[Variant]) -> float:
    return math.exp(sum(math.log(v.size_bytes) for v in group) / len(group))


def _draw_group(axes: Axes, group: Sequence[Variant], metric: str) -> None:
    """Equally large variants stand side by side, so that their intervals can be told apart."""
    for i, v in enumerate(group):
        x = _middle(group) * _DODGE ** (2 * i - len(group) + 1)
        colour = _colour(v.scheme)
        found = v.accuracy.metrics[metric]
        has_bounds = not math.isnan(found.low)
        if has_bounds:
            axes.plot([x, x], [found.low, found.high], color=colour, linewidth=2, solid_capstyle="round")
        axes.plot(x, found.value, "o", color=colour, markersize=8, markeredgecolor=SURFACE, markeredgewidth=1.2)
        axes.annotate(
            v.scheme,
            (x, found.high if has_bounds else found.value),
            (-2, 5),
            textcoords="offset points",
            color=INK,
            rotation=_SLANT,
            rotation_mode="anchor",
        )


def _make_room_for_labels(axes: Axes) -> None:
    """Space above the intervals for slanted labels, without ticks or grid lines in it."""
    low, high = axes.get_ylim()
    span = high - low
    ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
    axes.set_ylim(low, high + _LABEL_ROOM * span)
    axes.set_yticks(ticks)
    axes.spines["left"].set_bounds(low, high)

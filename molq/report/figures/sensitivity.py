"""Figures of a sensitivity analysis: error per layer, and activations with the range that the codes cover."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from molq.report.figures.svg import ACCENT, BAND, INK, MUTED, PLAIN, inline_svg, style
from molq.report.numbers import percent, span
from molq.report.text.sensitivity import ordered, site_name
from molq.results.sensitivity import Sensitivity, SiteActivations

_LEAST = 1e-16
"""what 0 is drawn as on a logarithmic axis"""


def errors_per_layer(found: Sensitivity) -> Markup:
    """Inline SVG: mean squared score error of each layer quantized alone, and of all but it, on a logarithmic axis."""
    layers = ordered(found, "alone")[::-1]
    alone = [max(layer.alone.score_mse, _LEAST) for layer in layers]
    spared = [max(layer.spared.score_mse, _LEAST) for layer in layers]
    with style():
        figure = Figure(figsize=(6.4, 1.3 + 0.32 * len(layers)), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(layers))
        whole = max(found.whole.score_mse, _LEAST)
        axes.axvline(whole, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.hlines(y, alone, spared, color=MUTED, linewidth=0.8, alpha=0.6)
        axes.plot(alone, y, "o", color=ACCENT, markersize=8, label="only this layer quantized")
        axes.plot(spared, y, "s", color=PLAIN, markersize=6, label="all but this layer")
        axes.set_xscale("log")
        axes.set_yticks(y, [layer.name for layer in layers])
        axes.tick_params(axis="y", labelcolor=INK, length=0)
        axes.set_xlabel("score MSE; dashed: all layers quantized")
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
        axes.set_ylim(-0.6, len(layers) - 0.4)
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=10, labelcolor=INK)
    text = "; ".join(f"{layer.name} {layer.alone.score_mse:.2g}" for layer in reversed(layers))
    return inline_svg(figure, "Error per layer", text)


def error_versus_size(found: Sensitivity) -> Markup:
    """Inline SVG: score error over the size of the file for executed plans, and for the scheme itself."""
    front = found.front or ()
    sizes, errors = [mix.size_bytes / 1000 for mix in front], [max(mix.fidelity.score_mse, _LEAST) for mix in front]
    with style():
        figure = Figure(figsize=(6.4, 3.2), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(sizes, errors, "o-", color=ACCENT, markersize=8, linewidth=1.6)
        axes.axhline(max(found.whole.score_mse, _LEAST), color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_yscale("log")
        axes.set_ylabel("score MSE")
        axes.set_xlabel(f"saved file, kB; dashed: {found.scheme} in every layer")
        axes.grid(axis="y")
    text = "; ".join(f"{size:.0f} kB {error:.2g}" for size, error in zip(sizes, errors, strict=True))
    return inline_svg(figure, "Score error versus file size", text)


def activation_histogram(site: SiteActivations) -> Markup:
    """Inline SVG: values into a call site, on a logarithmic axis, what lies beyond the range of the codes shaded."""
    edges, counts = np.array(site.edges), np.array(site.counts)
    with style():
        figure = Figure(figsize=(4.9, 2.3), layout="constrained")
        axes = figure.add_subplot()
        axes.stairs(np.maximum(counts, 0.5), edges, baseline=0.5, fill=True, color=PLAIN, alpha=0.55)
        axes.set_yscale("log")
        axes.set_ylim(0.5, max(counts.max() * 3, 10))
        limits = site.range
        if limits is not None:
            low, high = min(edges[0], limits[0]), max(edges[-1], limits[1])
            pad = 0.03 * (high - low)
            axes.axvspan(limits[1], high + pad, color=BAND, linewidth=0, zorder=0)
            if limits[0] < 0 or edges[0] < limits[0]:
                axes.axvspan(low - pad, limits[0], color=BAND, linewidth=0, zorder=0)
            for end in limits:
                axes.axvline(end, color=ACCENT, linewidth=1.8)
            axes.set_xlim(low - pad, high + pad)
        axes.set_ylabel("values")
        axes.locator_params(axis="x", nbins=6)
    return inline_svg(figure, f"Inputs of {site_name(site.layer, site.site)}", histogram_remark(site))


def histogram_remark(site: SiteActivations) -> str:
    """What the figure shows, in words."""
    parts = [span(site.low, site.high)]
    if site.range is not None:
        parts.append(f"codes cover {span(*site.range)}")
        parts.append(f"{percent(site.beyond, 3)} beyond")
    parts.append(f"largest channel {site.largest_ratio:.1f}× the median")
    return "; ".join(parts)

"""The sensitivity of a model's layers as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from molq.report.fidelity_cells import fidelity_cells, fidelity_header
from molq.report.numbers import ABSENT, kilobytes, percent
from molq.report.table import Table


def alone_table(results: Mapping[str, Any]) -> Table:
    """One layer quantized at a time, the one that does most harm first."""
    return _table(results, "alone", "only this layer quantized", "all")


def spared_table(results: Mapping[str, Any]) -> Table:
    """One layer in float at a time, the one that helps most first."""
    return _table(results, "spared", "all but this layer", "none spared")


def activation_table(results: Mapping[str, Any]) -> Table:
    """Inputs of every call site: what was seen, what the codes cover, channels out of the common run."""
    header = ("input of", "seen", "range of the codes", "beyond it", "largest / median channel", "always 0")
    rows = tuple(
        (
            site_name(site),
            f"{_short(site['low'])} to {_short(site['high'])}",
            ABSENT if site["range"] is None else f"{_short(site['range'][0])} to {_short(site['range'][1])}",
            percent(site["beyond"], 3),
            f"{site['largest_ratio']:.1f}",
            f"{site['never_excited']} of {site['n_channels']}",
        )
        for site in results["sites"]
    )
    return Table(header, rows)


def outlier_lines(sites: list[Mapping[str, Any]]) -> Iterator[str]:
    """A sentence for each call site with outlier channels."""
    for site in sites:
        if site["n_outliers"]:
            named = ", ".join(f"{c['index']} ({c['ratio']:.0f}×)" for c in site["outliers"])
            more = site["n_outliers"] - len(site["outliers"])
            others = f" and {more} more" if more else ""
            yield f"outlier channels into {site_name(site)}: {named}{others} the median channel"


def site_name(site: Mapping[str, Any]) -> str:
    """``encoder.W_h, use 2`` where a layer is used several times."""
    return f"{site['layer']}, use {site['site'] + 1}" if site["layer"].endswith("W_h") else str(site["layer"])


def metric_of(results: Mapping[str, Any]) -> str | None:
    """The metric whose loss was measured; None without labels."""
    return results["statistics"]["metric"] if results["target"]["labelled"] else None


def ordered(results: Mapping[str, Any], side: str) -> list[Mapping[str, Any]]:
    """The layers, the most sensitive first: most error alone, or least error when spared."""
    sign = -1 if side == "alone" else 1
    return sorted(results["layers"], key=lambda layer: sign * layer[side]["score_mse"])


def _table(results: Mapping[str, Any], side: str, first: str, whole: str) -> Table:
    metric = metric_of(results)
    rows = [
        (layer["name"], layer["weights"], kilobytes(layer["n_bytes"]), *fidelity_cells(layer[side], metric))
        for layer in ordered(results, side)
    ]
    total = kilobytes(sum(layer["n_bytes"] for layer in results["layers"]))
    rows.append((whole, results["scheme"], total, *fidelity_cells(results["whole"], metric)))
    return Table((first, "weights", "size", *fidelity_header(metric)), tuple(rows))


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if value else "0"

"""The sensitivity of a model's layers as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from molq.report.numbers import ABSENT, kilobytes, percent, span
from molq.report.table import Table
from molq.report.text.fidelity import fidelity_cells, fidelity_header
from molq.report.text.mixed import mixed_table
from molq.report.text.prose import explained, wrapped
from molq.results.sensitivity import LayerSensitivity, Sensitivity, SiteActivations

WORDS = ("score MSE", "SQNR", "hits")
"""that the tables need explained"""
Side = Literal["alone", "spared"]


def sensitivity_text(found: Sensitivity) -> str:
    """The tables within 80 columns, outlier channels, then what the words mean."""
    tables = [*map(_narrowed, (alone_table(found), spared_table(found))), activation_table(found)]
    if found.front:
        tables.append(mixed_table(found.front))
    notes = [*map(wrapped, outlier_lines(found.sites)), *explained(WORDS), *explained(("largest",))]
    rest = "Bytes, hits and losses of each layer are in the JSON and on the page."
    return "\n\n".join((*(table.to_text() for table in tables), "\n".join((*notes, rest))))


def alone_table(found: Sensitivity) -> Table:
    """One layer quantized at a time, the one that does most harm first."""
    return _table(found, "alone", "only this layer quantized", "all")


def spared_table(found: Sensitivity) -> Table:
    """One layer in float at a time, the one that helps most first."""
    return _table(found, "spared", "all but this layer", "none spared")


def activation_table(found: Sensitivity) -> Table:
    """Inputs of every call site: what was seen, what the codes cover, channels out of the common run."""
    header = ("input of", "seen", "the codes cover", "beyond", "largest", "always 0")
    rows = tuple(
        (
            site_name(site.layer, site.site),
            span(site.low, site.high),
            ABSENT if site.range is None else span(*site.range),
            percent(site.beyond, 3),
            f"{site.largest_ratio:.1f}×",
            f"{site.never_excited} of {site.n_channels}",
        )
        for site in found.sites
    )
    return Table(header, rows)


def outlier_lines(sites: Iterable[SiteActivations]) -> Iterator[str]:
    """A sentence for each call site with outlier channels."""
    for site in sites:
        if site.n_outliers:
            named = ", ".join(f"{channel.index} ({channel.ratio:.0f}×)" for channel in site.outliers)
            more = site.n_outliers - len(site.outliers)
            others = f" and {more} more" if more else ""
            yield f"outlier channels into {site_name(site.layer, site.site)}: {named}{others} the median channel"


def site_name(layer: str, site: int) -> str:
    """``encoder.W_h, use 2`` where a layer is used several times."""
    return f"{layer}, use {site + 1}" if layer.endswith("W_h") else layer


def metric_of(found: Sensitivity) -> str | None:
    """The metric whose loss was measured; None without labels."""
    return found.statistics.metric if found.probe.labelled else None


def ordered(found: Sensitivity, side: Side) -> list[LayerSensitivity]:
    """The layers, the most sensitive first: most error alone, or least error when spared."""
    if side == "alone":
        return found.ranked()
    return sorted(found.layers, key=lambda layer: layer.spared.score_mse)


def _narrowed(table: Table) -> Table:
    """The loss where there is one, else the hits, with the errors: what fits 80 columns."""
    first, *_, last = table.header
    return table.only(first, "score MSE", "SQNR", last)


def _table(found: Sensitivity, side: Side, first: str, whole: str) -> Table:
    metric = metric_of(found)
    rows = [
        (layer.name, layer.weights, kilobytes(layer.n_bytes), *fidelity_cells(getattr(layer, side), metric))
        for layer in ordered(found, side)
    ]
    total = kilobytes(sum(layer.n_bytes for layer in found.layers))
    rows.append((whole, found.scheme, total, *fidelity_cells(found.whole, metric)))
    return Table((first, "weights", "size", *fidelity_header(metric)), tuple(rows), left=(1,))

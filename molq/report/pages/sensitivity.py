"""The sensitivity of a model's layers as one self-contained HTML page."""

from __future__ import annotations

from molq.report.figures.sensitivity import (
    activation_histogram,
    error_versus_size,
    errors_per_layer,
    histogram_remark,
)
from molq.report.numbers import METRIC_NAMES, signed_interval
from molq.report.pages.changes import change_cards, moved_most
from molq.report.pages.page import render
from molq.report.pages.ranges import ends_seen, outlier_cards, range_setters
from molq.report.text.mixed import mixed_table
from molq.report.text.sensitivity import (
    WORDS,
    activation_table,
    alone_table,
    metric_of,
    ordered,
    outlier_lines,
    site_name,
    spared_table,
)
from molq.results.sensitivity import Sensitivity


def sensitivity_page(found: Sensitivity) -> str:
    """The page; nothing in it is loaded from elsewhere."""
    metric = metric_of(found)
    loss, _, bounds = signed_interval(found.whole.loss).partition(" ")
    return render(
        "sensitivity",
        found=found,
        first=ordered(found, "alone")[0],
        metric=METRIC_NAMES[metric] if metric else None,
        loss=loss,
        bounds=bounds,
        errors=errors_per_layer(found),
        alone=alone_table(found),
        spared=spared_table(found),
        front=mixed_table(found.front) if found.front else None,
        front_figure=error_versus_size(found) if found.front else None,
        words=WORDS,
        moved=change_cards(found.changes, found.scheme, found.statistics.kind),
        moved_most=moved_most(found.changes),
        setters=range_setters(list(ends_seen(found.sites))),
        outlier_molecules=outlier_cards(found.sites),
        outliers=list(outlier_lines(found.sites)),
        activations=activation_table(found),
        histograms=[
            (site_name(site.layer, site.site), histogram_remark(site), activation_histogram(site))
            for site in found.sites
        ],
    )

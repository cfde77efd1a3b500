"""The sensitivity of a model's layers as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from molq.files import write_whole
from molq.report.fidelity_cells import decibels, scientific
from molq.report.mixed_table import mixed_table
from molq.report.numbers import METRIC_NAMES, percent, signed_interval
from molq.report.page import facts, page, panel, table, tile
from molq.report.sensitivity_figures import (
    activation_histogram,
    error_versus_size,
    errors_per_layer,
    histogram_remark,
)
from molq.report.sensitivity_table import alone_table, metric_of, ordered, outlier_lines, site_name, spared_table
from molq.report.table import Table


def write_sensitivity_report(path: Path, results: Mapping[str, Any]) -> None:
    """Writes the page. Raises OutputError when it cannot be written."""
    write_whole(path, sensitivity_html(results))


def sensitivity_html(results: Mapping[str, Any]) -> str:
    """The page, from the content of sensitivity.json."""
    return page(f"Sensitivity of {results['model']['name']}", _body(results))


def _body(results: Mapping[str, Any]) -> Iterator[str]:
    target = results["target"]
    first = ordered(results, "alone")[0]
    yield f'<p class="eyebrow">Sensitivity · {escape(results["scheme"])}</p>'
    yield f"<h1>Which layers of {escape(results['model']['name'])} suffer from {escape(results['scheme'])}</h1>"
    yield (
        f'<p class="lead">Every layer quantized alone, and every layer kept in float alone; each model was made, '
        f"executed and compared with the float model on <b>{target['molecules']:,} molecules</b> of "
        f"{escape(target['name'])}. Most harm alone: <b>{escape(first['name'])}</b>.</p>"
    )
    yield f'<div class="tiles">{"".join(_tiles(results))}</div>'
    yield "<h2>Error per layer</h2>"
    yield panel("Score error", "against the float model, without labels", errors_per_layer(results))
    yield "<h2>One layer quantized, the rest in float</h2>"
    yield _html(alone_table(results))
    yield "<h2>One layer in float, the rest quantized</h2>"
    yield _html(spared_table(results))
    if results.get("front"):
        yield "<h2>A precision per layer</h2>"
        yield (
            "<p>Plans of mixed precision predicted from the errors of single layers, then saved, loaded back and "
            "executed. <code>molq quantize --scheme mixed</code> makes one under a budget.</p>"
        )
        yield panel("Error versus file size", "every point is an executed file", error_versus_size(results))
        yield _html(mixed_table({"executed": results["front"]}), left=())
    yield "<h2>Activations</h2>"
    where = "the calibration set" if results["calibration"] else target["name"]
    yield (
        f"<p>Inputs of every call site on {escape(where)}, on a logarithmic axis of counts. The lines are the ends of "
        "the range that the 8-bit codes cover; shaded values clip.</p>"
    )
    lines = "".join(f"<li>{escape(line)}</li>" for line in outlier_lines(results["sites"]))
    yield (f"<ul>{lines}</ul>" if lines else '<p class="note">No channel is more than 8 times the median channel.</p>')
    panels = (panel(site_name(s), histogram_remark(s), activation_histogram(s)) for s in results["sites"])
    yield f'<div class="panels">{"".join(panels)}</div>'
    yield "<h2>How this was measured</h2>"
    yield f'<div class="card">{facts(_facts(results))}</div>'


def _tiles(results: Mapping[str, Any]) -> Iterator[str]:
    whole, metric = results["whole"], metric_of(results)
    yield tile("All layers quantized", decibels(whole["sqnr_db"], whole["score_mse"]), "signal to noise of the logits")
    yield tile("Score error", scientific(whole["score_mse"]), "mean squared change of a score")
    yield tile(
        "Hits kept, best 5%", percent(whole["hit_overlap_5pct"]), f"best 1%: {percent(whole['hit_overlap_1pct'])}"
    )
    if metric is not None:
        loss = signed_interval(whole, "loss")
        value, _, bounds = loss.partition(" ")
        yield tile(f"Loss of {METRIC_NAMES[metric]}", value, f"{bounds} 95%")


def _facts(results: Mapping[str, Any]) -> dict[str, str]:
    target, statistics, calibration = results["target"], results["statistics"], results["calibration"]
    found = {
        "Model": f"{results['model']['name']} ({results['model']['content_hash'][:16]}…)",
        "Molecules": f"{target['molecules']:,} of {target['name']}, {target['side'] or 'all'} molecules",
    }
    if calibration is not None:
        found["Calibration set"] = (
            f"{calibration['molecules_used']} molecules, strategy {calibration['strategy']}, "
            f"seed {calibration['seed']}, observer {calibration['observer']}"
        )
    if target["labelled"]:
        found["Intervals"] = (
            f"95%, paired bootstrap over molecules, {statistics['n_resamples']:,} resamples, seed {statistics['seed']}"
        )
    found["Signal to noise"] = "variance of the float logits over the mean squared error of the quantized ones"
    found["Machine"] = str(results["environment"].get("cpu", ""))
    return {name: value for name, value in found.items() if value}


def _html(cells: Table, left: tuple[int, ...] = (1,)) -> str:
    return table([escape(c) for c in cells.header], [[escape(c) for c in row] for row in cells.rows], left=left)

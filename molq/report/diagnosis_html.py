"""A diagnosis as one self-contained HTML page: every step with its evidence, activations, remedies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from molq.files import write_whole
from molq.report.diagnosis_text import remedies_table, share, verdict
from molq.report.fidelity_cells import decibels, scientific
from molq.report.numbers import METRIC_NAMES, kilobytes, percent, signed, signed_interval
from molq.report.page import facts, page, panel, table, tile
from molq.report.sensitivity_figures import activation_histogram, histogram_remark
from molq.report.sensitivity_table import metric_of, outlier_lines, site_name

Results = Mapping[str, Any]


def write_diagnosis_report(path: Path, results: Results) -> None:
    """Writes the page. Raises OutputError when it cannot be written."""
    write_whole(path, diagnosis_html(results))


def diagnosis_html(results: Results) -> str:
    """The page, from ``Diagnosis.to_dict``, with ``commands`` where there is something to apply."""
    return page(f"Diagnosis of {Path(results['model']['path']).name}", _body(results))


def _body(results: Results) -> Iterator[str]:
    model, target = results["model"], results["target"]
    name = escape(Path(model["path"]).name)
    yield f'<p class="eyebrow">Diagnosis · {escape(model["scheme"])}</p>'
    yield f"<h1>{name} is as good as float</h1>" if results["is_healthy"] else f"<h1>Why {name} lost accuracy</h1>"
    yield f'<p class="lead"><b>{escape(verdict(results))}</b></p>'
    yield from (_cause(cause, i > 0) for i, cause in enumerate(results["causes"]))
    yield f'<div class="tiles">{"".join(_tiles(results))}</div>'
    yield "<h2>Step by step</h2>"
    yield f'<ol class="steps">{"".join(_step(step, results) for step in results["steps"])}</ol>'
    if results["remedies"]:
        yield "<h2>Remedies, the best first</h2>"
        yield (
            "<p>Each was made from the float model, executed on the same molecules, and compared with the float model "
            "as the diagnosed one was. Cures come first, the smallest of them on top.</p>"
        )
        cells = remedies_table(results, n_shown=None)
        yield table([escape(c) for c in cells.header], [[_cell(c) for c in row] for row in cells.rows])
    if "commands" in results:
        yield "<h2>Apply the best one</h2>"
        yield from (f'<pre class="command">{escape(line)}</pre>' for line in results["commands"])
    yield "<h2>Activations</h2>"
    yield (
        f"<p>Inputs of every call site of {name} on {escape(target['name'])}, on a logarithmic axis of counts. The "
        "lines are the ends of the range that its 8-bit codes cover; shaded values clip.</p>"
    )
    lines = "".join(f"<li>{escape(line)}</li>" for line in outlier_lines(results["sites"]))
    yield f"<ul>{lines}</ul>" if lines else ""
    panels = (panel(site_name(s), histogram_remark(s), activation_histogram(s)) for s in results["sites"])
    yield f'<div class="panels">{"".join(panels)}</div>'
    yield "<h2>How this was measured</h2>"
    yield f'<div class="card">{facts(_facts(results))}</div>'


def _tiles(results: Results) -> Iterator[str]:
    before, metric = results["before"], metric_of(results)
    if metric is not None:
        value, _, bounds = signed_interval(before, "loss").partition(" ")
        yield tile(f"Loss of {METRIC_NAMES[metric]}", value, f"{bounds} 95%")
    yield tile("Signal to noise", decibels(before["sqnr_db"], before["logit_mse"]), "of the logits; 25 dB is healthy")
    yield tile(
        "Hits kept, best 5%", percent(before["hit_overlap_5pct"]), f"best 1%: {percent(before['hit_overlap_1pct'])}"
    )
    if results["remedies"]:
        best = results["remedies"][0]
        yield tile("Best remedy recovers", share(best["recovered"]), best["name"])


def _cause(cause: Results, is_further: bool) -> str:
    reasons = "".join(f"<li>{_sentence(reason)}</li>" for reason in cause["because"])
    also = f"<p>Also: {escape(cause['name'])}.</p>" if is_further else ""
    return f"{also}<ul>{reasons}</ul>"


def _step(step: Results, results: Results) -> str:
    evidence = "".join(_evidence(step, results))
    opened = " open" if step["is_suspect"] else ""
    folded = f"<details{opened}><summary>evidence</summary>{evidence}</details>" if evidence else ""
    kind, mark = (' class="suspect"', ' <span class="mark">suspect</span>') if step["is_suspect"] else ("", "")
    return (
        f"<li{kind}><h3>{escape(step['name'].capitalize())}{mark}</h3><p>{_sentence(step['finding'])}</p>{folded}</li>"
    )


def _evidence(step: Results, results: Results) -> Iterator[str]:
    evidence = step["evidence"]
    match step["name"]:
        case "drop":
            yield f'<div class="card">{facts(_drop_facts(evidence))}</div>'
        case "calibration set" if evidence.get("reasons"):
            items = (f"<li>{_marked(r['finding'])}<br>{_marked(r['remedy'])}</li>" for r in evidence["reasons"])
            yield f"<ul>{''.join(items)}</ul>"
        case "clipping" if evidence:
            rows = [
                [escape(site_name(s)), percent(s["beyond"], 3), f"{s['overshoot']:.2f}×"] for s in evidence["sites"]
            ]
            yield table(["inputs of", "beyond the range", "largest over the range"], rows)
        case "outliers" if evidence:
            yield table(
                ["inputs of", "largest channel over the median", "outlier channels"],
                [[escape(site_name(s)), f"{s['largest_ratio']:.1f}×", _channels(s)] for s in evidence["sites"]],
            )
        case _:
            remedies = sorted((r for r in results["remedies"] if r["name"] in evidence), key=lambda r: -r["recovered"])
            if remedies:
                yield table(["tried", "recovered", "", "layers"], [_bar(r) for r in remedies], left=(2,))


def _drop_facts(before: Results) -> dict[str, str]:
    found = {
        "Signal to noise of the logits": decibels(before["sqnr_db"], before["logit_mse"]),
        "Mean squared change of a score": scientific(before["score_mse"]),
        "Largest change of a score": f"{before['max_score_change']:.3g}",
        "Spearman's correlation with float": f"{before['spearman']:.4f}" if before.get("spearman") is not None else "",
        "Hits kept, best 1% and 5%": f"{percent(before['hit_overlap_1pct'])}, {percent(before['hit_overlap_5pct'])}",
        "Verdict": before["verdict"] or "",
    }
    return {name: value for name, value in found.items() if value}


def _channels(site: Results) -> str:
    named = ", ".join(f"{c['index']} ({c['ratio']:.0f}×)" for c in site["channels"])
    more = site["n_outliers"] - len(site["channels"])
    return f"{named} and {more} more" if more else named or "none"


def _cell(text: str) -> str:
    """Escaped, an interval below its value."""
    value, bracket, bounds = escape(text).partition(" [")
    return f"{value}<small>[{bounds}</small>" if bracket else value


def _bar(remedy: Results) -> list[str]:
    width = 100 * min(max(remedy["recovered"], 0.0), 1.0)
    meter = f'<div class="meter"><i style="width: {width:.1f}%"></i></div>'
    return [escape(remedy["name"]), share(remedy["recovered"]), meter, kilobytes(remedy["layer_bytes"])]


def _sentence(text: str) -> str:
    return _marked(text[:1].upper() + text[1:])


def _marked(text: str) -> str:
    """Escaped text in which `code` stands in a code element."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))


def _facts(results: Results) -> dict[str, str]:
    model, target, statistics = results["model"], results["target"], results["statistics"]
    found = {
        "Model": f"{model['path']} ({model['content_hash'][:16]}…), {kilobytes(model['size_bytes'])}",
        "Reference": model["reference"],
        "Molecules": f"{target['molecules']:,} of {target['name']}, {target['side'] or 'all'} molecules",
        "New calibration sets": f"by scaffold from {target['pool_molecules']:,} molecules, seed {statistics['seed']}",
        "Recovered": "share of the mean squared error of the logits that is gone; where the metric had lost more than "
        "chance and margin explain, of that loss too, and the smaller of the two counts",
    }
    if target["labelled"]:
        found["Intervals"] = (
            f"95%, paired bootstrap, {statistics['n_resamples']:,} resamples, seed {statistics['seed']}; "
            f"margin {signed(statistics['margin'], 3).lstrip('+')}"
        )
    return found

"""The report of a study as one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from molq.files import write_whole
from molq.report.layers_html import layers_table
from molq.report.numbers import (
    METRIC_NAMES,
    decimal,
    difference_key,
    interval,
    kilobytes,
    percent,
    seed_phrase,
    signed,
    signed_interval,
)
from molq.report.page import facts, page, panel, table, tile
from molq.report.study_figures import accuracy_versus_size, differences_to_fp32, speed

_ARCHITECTURES = {"dmpnn": "D-MPNN", "ampnn": "AMPNN", "gine": "GINE", "attentivefp": "AttentiveFP"}
_COVERAGES = {
    "scaffold": "Bemis–Murcko scaffolds",
    "generic_scaffold": "generic scaffolds",
    "element": "elements",
}
_FILES = {
    "results.json": "everything on this page",
    "results.csv": "one row per scheme",
    "scores.csv": "labels and scores of every test molecule",
    "calibset.csv": "the calibration set",
}


def write_study_report(path: Path, results: Mapping[str, Any]) -> None:
    """Write the report of a study from the content of its results.json; OutputError when that cannot be done."""
    write_whole(path, study_html(results))


def study_html(results: Mapping[str, Any]) -> str:
    """The report as HTML; nothing in it is loaded from elsewhere."""
    title = f"{results['dataset']['name']}: accuracy versus size"
    return page(title, _sections(results))


def _sections(results: Mapping[str, Any]) -> Iterator[str]:
    yield _heading(results)
    yield _tiles(results)
    yield "<h2>Accuracy versus size</h2>"
    yield _figures(results)
    yield "<h2>All schemes</h2>"
    yield _accuracy_table(results)
    yield "<h2>Other metrics</h2>"
    yield _secondary_table(results)
    yield "<h2>Does the ranking change?</h2>"
    yield _ranking_table(results)
    yield "<h2>How the calibration set was made</h2>"
    yield _calibration(results)
    yield "<h2>Layers and their activation ranges</h2>"
    yield _layers(results)
    yield "<h2>Data, model and machine</h2>"
    yield _circumstances(results)
    yield "<h2>Make it again</h2>"
    yield _reproduction(results)


def chosen_variant(results: Mapping[str, Any]) -> Mapping[str, Any]:
    """The variant that the report speaks of first: int8, or the smallest file."""
    for variant in results["variants"]:
        if variant["scheme"] == "int8":
            return dict(variant)
    return dict(min(results["variants"], key=lambda v: v["size_bytes"]))


def _heading(results: Mapping[str, Any]) -> str:
    chosen, metric = chosen_variant(results), results["statistics"]["metric"]
    name = METRIC_NAMES[metric]
    model, dataset = results["model"], results["dataset"]
    architecture = _ARCHITECTURES.get(model["architecture"], model["architecture"])
    members = f", {model['members']} members" if model["members"] > 1 else ""
    lead = (
        f"<b>{escape(chosen['scheme'])}</b> stores the model in <b>{percent(chosen['size_ratio'], 0)}</b> of the bytes "
        f"of fp32 and changes its test {name} by <b>{signed_interval(chosen, difference_key(metric))}</b>: "
        f"{_verdict_words(chosen['verdict'])} at a margin of {results['statistics']['margin']:.3g}, stated beforehand. "
        "Sizes are those of saved files; every score comes from the file, loaded back and run as it would be in a "
        "screen."
    )
    warning = (
        ""
        if results["split"]["held_out"]
        else '<p class="warning">The model does not say which molecules it was trained on: test molecules may be '
        "among them. Differences between schemes remain meaningful, the level of accuracy does not.</p>"
    )
    return (
        f'<p class="eyebrow">molq study · {escape(dataset["name"])} · {architecture}{members}</p>'
        f'<h1>What quantization costs, and what it saves</h1><p class="lead">{lead}</p>{warning}'
    )


def _verdict_words(verdict: str | None) -> str:
    return "not judged, for lack of labels," if verdict is None else verdict


def _tiles(results: Mapping[str, Any]) -> str:
    chosen, reference, metric = chosen_variant(results), results["variants"][0], results["statistics"]["metric"]
    size = tile(
        f"{chosen['scheme']} file",
        kilobytes(chosen["size_bytes"]),
        f"{percent(chosen['size_ratio'])} of fp32’s {kilobytes(reference['size_bytes'])}",
    )
    accuracy = tile(
        f"test {METRIC_NAMES[metric]}",
        decimal(chosen[metric]),
        f"fp32: {interval(reference, metric)}",
    )
    pace = tile(
        "speed, one thread",
        f"{chosen['speedup']:.1f}× fp32",
        f"{chosen['mols_per_s']:,.0f} mol/s from packed graphs",
    )
    hits = tile(
        "top 1% kept",
        percent(chosen["library_hit_overlap_1pct"]),
        f"of fp32’s hits in {results['library']['name']} ({results['library']['molecules_used']:,})",
    )
    return f'<div class="tiles">{size}{accuracy}{pace}{hits}</div>'


def _figures(results: Mapping[str, Any]) -> str:
    split, statistics = results["split"], results["statistics"]
    name = METRIC_NAMES[statistics["metric"]]
    n = f"{split['n_labelled']:,} test molecules"
    level = percent(statistics["level"], 0)
    figures = [panel(f"{name} and file size", f"{level} intervals, {n}", accuracy_versus_size(results))]
    if any(v["verdict"] for v in results["variants"]):
        remark = f"paired, same molecules, {level}; shaded: beyond the margin"
        figures.append(panel(f"Difference in {name} to fp32", remark, differences_to_fp32(results)))
    remark = f"{results['speed']['molecules']:,} molecules, one thread; lines: single rounds"
    figures.append(panel("Speed", remark, speed(results)))
    figures.append(_reading(results))
    return f'<div class="panels">{"".join(figures)}</div>'


def _reading(results: Mapping[str, Any]) -> str:
    statistics, rounds = results["statistics"], results["speed"]["rounds"]
    return (
        '<div class="card"><h3>How to read this</h3>'
        f'<p class="note">The interval of an accuracy says how well {results["split"]["n_labelled"]:,} molecules can '
        "tell it; the interval of a difference is far narrower, because both models are judged on the same molecules. "
        f"Both come from a {escape(statistics['method'])} with {statistics['n_resamples']:,} resamples.</p>"
        '<p class="note">A scheme is <span class="verdict non-inferior">non-inferior</span> when its whole interval '
        "lies on the good side of the margin, "
        '<span class="verdict inferior">inferior</span> when the whole interval lies beyond it, and otherwise '
        '<span class="verdict inconclusive">inconclusive</span>: more test molecules would be needed.</p>'
        f'<p class="note">Speed is that of the middle half of {rounds} rounds in which all schemes take turns, each '
        "round with molecules not met before: processor time of one thread, without the parsing of SMILES. The "
        "engine remembers what it worked out, so all schemes get faster, and closer to each other, along a large "
        "library. Ratios travel between machines of one kind; molecules per second do not.</p>"
        "</div>"
    )


def _accuracy_table(results: Mapping[str, Any]) -> str:
    metric = results["statistics"]["metric"]
    header = ["scheme", "size", "ratio", METRIC_NAMES[metric], f"Δ{METRIC_NAMES[metric]} to fp32", "verdict"]
    header += ["mol/s", "speed-up"]
    rows = [
        [
            escape(v["scheme"]),
            kilobytes(v["size_bytes"]),
            decimal(v["size_ratio"]),
            _stacked(v, metric),
            "reference" if v["scheme"] == "fp32" else _stacked_difference(v, difference_key(metric)),
            _verdict_mark(v["verdict"]),
            f"{v['mols_per_s']:,.0f}",
            f"{v['speedup']:.2f}×",
        ]
        for v in results["variants"]
    ]
    return table(header, rows, left=(5,))


def _secondary_table(results: Mapping[str, Any]) -> str:
    metric = results["statistics"]["metric"]
    names = [name for name in METRIC_NAMES if name in results["variants"][0] and name != metric]
    header = ["scheme", *(cell for name in names for cell in (METRIC_NAMES[name], "Δ to fp32"))]
    rows = []
    for v in results["variants"]:
        cells = [escape(v["scheme"])]
        for name in names:
            difference = "–" if v["scheme"] == "fp32" else _stacked_difference(v, difference_key(name), 3)
            cells += [_stacked(v, name), difference]
        rows.append(cells)
    return table(header, rows)


def _ranking_table(results: Mapping[str, Any]) -> str:
    library = results["library"]
    measures = ("top 1% kept", "top 5% kept", "Spearman", "largest change")
    header = ["scheme", *(f"{name}<small>{where}</small>" for where in ("library", "test") for name in measures)]
    rows = [[escape(v["scheme"]), *_agreement(v, "library_"), *_agreement(v, "")] for v in results["variants"]]
    n_top = -(-library["molecules_used"] // 100)
    return (
        f"<p>Agreement with fp32 on {library['molecules_used']:,} molecules of {escape(library['name'])}, whose best "
        f"1% are {n_top:,}, and on the test molecules. No labels are needed for it: it says whether the same compounds "
        f"would be bought.</p>{table(header, rows)}"
    )


def _agreement(variant: Mapping[str, Any], prefix: str) -> list[str]:
    return [
        percent(variant[f"{prefix}hit_overlap_1pct"]),
        percent(variant[f"{prefix}hit_overlap_5pct"]),
        decimal(variant[f"{prefix}spearman"], 5),
        decimal(variant[f"{prefix}max_score_change"], 4),
    ]


def _stacked(fields: Mapping[str, Any], name: str) -> str:
    low, high = fields[f"{name}_low"], fields[f"{name}_high"]
    return f"{decimal(fields[name])}<small>{decimal(low)} to {decimal(high)}</small>"


def _stacked_difference(fields: Mapping[str, Any], name: str, digits: int = 4) -> str:
    low, high = fields[f"{name}_low"], fields[f"{name}_high"]
    return f"{signed(fields[name], digits)}<small>{signed(low, digits)} to {signed(high, digits)}</small>"


def _verdict_mark(verdict: str | None) -> str:
    return "–" if verdict is None else f'<span class="verdict {verdict}">{verdict}</span>'


def _calibration(results: Mapping[str, Any]) -> str:
    calibration = results["calibration"]
    coverage = calibration["coverage"]
    made = facts(
        {
            "Strategy": calibration["strategy"],
            "Molecules": f"{calibration['molecules_used']:,}, seed {calibration['seed']}",
            "Chosen from": f"{calibration['pool']} ({calibration['pool_molecules']:,}); no test molecule is among them",
            "To represent": f"{calibration['library']} ({coverage.get('library_molecules', 0):,.0f} molecules)",
            "Observer": calibration["observer"],
            "sha256": calibration["sha256"],
        }
    )
    meters = "".join(
        f"<span>{label}</span>"
        f'<div class="meter" role="presentation"><i style="width: {100 * coverage[name]:.1f}%"></i></div>'
        f"<span>{percent(coverage[name])}</span>"
        for name, label in _COVERAGES.items()
        if name in coverage
    )
    return (
        "<p>The ranges of the activations are taken from these molecules alone. Unlabelled structures of the library "
        "decide which molecules represent it; labels play no part.</p>"
        f'<div class="two"><div class="card">{made}</div><div class="card"><h3>Library molecules covered</h3>'
        f'<div class="coverage">{meters}</div><p class="note" style="margin: 1rem 0 0">Share of the library’s '
        "molecules whose scaffold, or all of whose elements, occur in the calibration set.</p></div></div>"
    )


def _layers(results: Mapping[str, Any]) -> str:
    chosen = chosen_variant(results)
    parts = [
        f"<p>The layers of <b>{escape(chosen['scheme'])}</b> as they are stored and run. A bar is the range that the "
        "8-bit codes of an input cover, one per call of the layer, on one scale for all; the tick is zero.</p>",
        layers_table(chosen["layers"]),
    ]
    parts += [
        f"<details><summary>Layers of {escape(v['scheme'])}</summary>{layers_table(v['layers'])}</details>"
        for v in results["variants"]
        if v["scheme"] != chosen["scheme"]
    ]
    return "\n".join(parts)


def _circumstances(results: Mapping[str, Any]) -> str:
    dataset, split, model, machine = results["dataset"], results["split"], results["model"], results["environment"]
    actives = f"; actives in test {', '.join(map(str, split['actives']))}" if split["actives"] else ""
    config = model["config"]
    origin = (
        f"trained here, best epoch {', '.join(map(str, model['best_epochs']))} of {model['epochs']}"
        if model["trained_here"]
        else f"{model['file']}, {model['content_hash']}"
    )
    data = facts(
        {
            "Data set": f"{dataset['name']}: {dataset['molecules']:,} molecules, {dataset['rejected']} rejected",
            "Tasks": ", ".join(dataset["tasks"]),
            "Split": f"{seed_phrase(split)}: {split['n_train']:,} train, {split['n_valid']:,} valid, "
            f"{split['n_test']:,} test{actives}",
            "Model": origin,
            "Network": f"{model['architecture']}, {config['feature_set']} features, width {config['d_h']}, "
            f"depth {config['depth']}, {config['readout']} readout",
            "sha256 of the data": dataset["sha256"],
        }
    )
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    surroundings = facts(
        {
            "Processor": f"{machine['processor']}, {machine['cores']} cores",
            "Platform": machine["platform"],
            "Instructions": machine["instructions"],
            "int8 products": machine["int8_products"],
            "bf16 products": machine["bf16_products"],
            "Versions": versions,
        }
    )
    return f'<div class="two"><div class="card">{data}</div><div class="card">{surroundings}</div></div>'


def _reproduction(results: Mapping[str, Any]) -> str:
    best = chosen_variant(results)["path"]
    files = {**_FILES, "models/*.molq": "the files that were measured"}
    listed = "".join(f"<dt><code>{escape(name)}</code></dt><dd>{escape(what)}</dd>" for name, what in files.items())
    command = escape(results["command"] or "molq study")
    return (
        f"<pre><code>{command}\nmolq screen {escape(best)} LIBRARY -o hits.csv  # in this folder</code></pre>"
        f'<p class="note">Beside this page lie:</p><div class="card"><dl>{listed}</dl></div>'
    )

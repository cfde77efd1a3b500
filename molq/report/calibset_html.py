"""The validation of a calibration set as one self-contained HTML file."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from molq.calibset.validate import shown
from molq.files import write_whole
from molq.report.calibset_figures import histogram_svg, strip_svg
from molq.report.calibset_text import SITE_COLUMNS, by_group, sites_by_badness, small_draws

_VERDICT_COLOURS = {"representative": "#1a7f37", "marginal": "#9a6700", "not representative": "#b3261e"}
_REASONS_SHOWN = 6
_SITES_SHOWN = 12
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2328; max-width: 1080px; margin: 2.5rem auto; padding: 0 1.5rem }
h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem }
.sub, .note { color: #59636e } .note { font-size: .88rem }
.verdict { display: inline-block; color: white; border-radius: 6px; padding: .35rem .9rem; font-weight: 600;
  font-size: 1.15rem; margin: 1rem 0 .4rem }
table { border-collapse: collapse; width: 100%; font-size: .88rem }
th { text-align: left; font-weight: 600; border-bottom: 2px solid #d1d9e0; padding: .3rem .5rem; white-space: nowrap }
td { border-bottom: 1px solid #e6eaef; padding: .3rem .5rem; vertical-align: middle }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tr.fault td, td.fault { background: #fff1f0 } ol li { margin-bottom: .6rem } summary { cursor: pointer; color: #59636e }
code { background: #f0f2f4; border-radius: 4px; padding: .05rem .3rem; font-size: .92em; overflow-wrap: anywhere }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 1rem }
.grid figure { margin: 0 } figcaption { font-size: .85rem; font-weight: 600 }
.key { display: inline-block; width: .8rem; height: .8rem; vertical-align: -1px; border-radius: 2px }
"""


def write_calibset_report(path: Path, validation: dict[str, Any]) -> None:
    """Write the report of a validation, as ``Validation.to_dict`` gives it, with ``calibset`` and ``library`` names.

    Raises OutputError when the file cannot be written.
    """
    write_whole(path, calibset_html(validation))


def calibset_html(validation: dict[str, Any]) -> str:
    """The report as HTML; nothing is loaded from elsewhere."""
    name, library = escape(validation["calibset"]), escape(validation["library"])
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8>",
        f"<title>Calibration set {name}</title><style>{_STYLE}</style></head><body>",
        "<h1>Does this calibration set represent the library?</h1>",
        f"<p class=sub>{_counts(validation, name, library)}</p>",
        _verdict(validation),
        _reasons(validation["reasons"]),
        "<h2>Every statistic beside random draws from the library itself</h2>",
        _measures(validation, "chemistry"),
        *_with_model(validation),
        "<h2>Properties</h2>",
        _histograms(validation["histograms"]),
        "<h2>In the library but not in the set</h2>",
        _missing(validation["missing"]),
        "<h2>How this was judged</h2>",
        _method(validation),
        "</body></html>",
    ]
    return "\n".join(parts)


def _counts(v: dict[str, Any], name: str, library: str) -> str:
    rejected = f" ({v['set_rejected']} rejected)" if v["set_rejected"] else ""
    n_drawn = v["library_used"] + v["library_rejected"]
    drawn = f", of which a seeded draw of {n_drawn:,} was looked at" if n_drawn < v["library_molecules"] else ""
    bad = f" ({v['library_rejected']:,} rejected)" if v["library_rejected"] else ""
    return (
        f"<b>{name}</b>: {v['set_molecules']} molecules{rejected}. "
        f"<b>{library}</b>: {v['library_molecules']:,} rows{drawn}{bad}. Seed {v['seed']}."
    )


def _verdict(v: dict[str, Any]) -> str:
    n_worse = round(v["p_value"] * (v["draws"] + 1)) - 1
    return (
        f'<div class=verdict style="background:{_VERDICT_COLOURS[v["verdict"]]}">{v["verdict"]}</div>'
        f"<p>{n_worse} of {v['draws']} random draws of {v['draw_size']} library molecules lie as far from the library "
        f"as this set (p = {v['p_value']:.3f}). {small_draws(v)} {by_group(v) if v.get('model') else ''}</p>"
    )


def _reasons(reasons: list[dict[str, Any]]) -> str:
    if not reasons:
        return "<p>No statistic is worse than chance explains.</p>"
    items = [
        f"<li>{_marked(reason['finding'])}<br><span class=sub>→ {_marked(reason['remedy'])}</span></li>"
        for reason in reasons
    ]
    first, rest = "".join(items[:_REASONS_SHOWN]), "".join(items[_REASONS_SHOWN:])
    more = (
        f"<details><summary>{len(reasons) - _REASONS_SHOWN} more</summary>"
        f"<ol start={_REASONS_SHOWN + 1}>{rest}</ol></details>"
    )
    return f"<h2>Reasons, the worst first, and what to do</h2><ol>{first}</ol>{more if rest else ''}"


def _marked(text: str) -> str:
    """Escaped text in which `code` stands in a code element."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))


def _faults(v: dict[str, Any]) -> set[str]:
    """Names of all statistics that count against the set."""
    return {name for reason in v["reasons"] for name in (reason["statistic"], *reason["also"])}


def _with_model(v: dict[str, Any]) -> list[str]:
    model = v.get("model")
    if not model:
        return []
    return [
        "<h2>What flows in the model</h2>",
        f"<p class=sub>{_model(model)}</p>",
        _sites(v),
        "<h2>Scores of the model quantized on this set</h2>",
        f"<p class=sub>The {model['scheme']} model with the ranges of the set, executed on "
        f"{model['library_scored']:,} library molecules, against the float model.</p>",
        _measures(v, "outcome"),
    ]


def _model(model: dict[str, Any]) -> str:
    members = f", {model['members']} members" if model["members"] > 1 else ""
    return (
        f"<b>{escape(model['path'])}</b>{members}: activations of {model['library_gathered']:,} library molecules "
        f"against the ranges that {model['scheme']} takes from the set (observer {model['observer']})."
    )


def _sites(v: dict[str, Any]) -> str:
    faults = _faults(v)
    rows = []
    for name, measures in sites_by_badness(v["measures"]).items():
        cells = "".join(_site_cell(measures[kind], measures[kind]["name"] in faults) for kind in SITE_COLUMNS)
        rows.append(f"<tr><td><code>{escape(name)}</code>{cells}")
    head = "".join(f"<th class=number>{title}" for title in SITE_COLUMNS.values())
    first, rest = "".join(rows[:_SITES_SHOWN]), "".join(rows[_SITES_SHOWN:])
    start = f"<table><thead><tr><th>Call site{head}</thead><tbody>"
    more = (
        f"<details><summary>{len(rows) - _SITES_SHOWN} more call sites</summary>{start}{rest}</tbody></table></details>"
    )
    return (
        f"{start}{first}</tbody></table>{more if rest else ''}"
        "<p class=note>The worst call site first. Below each value stands what random draws give (5–95%). Beyond the "
        "range: library activations, other than 0, that the codes cut off. Quantile ratio: the library's 99.9% "
        "quantile of magnitudes over the set's. SQNR: signal to noise of library activations in the codes. Silent: "
        "channels that the library excites and the set never.</p>"
    )


def _site_cell(m: dict[str, Any], fault: bool) -> str:
    plain = "%" if m["unit"] == "%" else ""
    return (
        f"<td class='number{' fault' if fault else ''}'>{escape(shown(m['value'], m['unit']))}"
        f"<br><span class=sub>{escape(shown(m['null_low'], plain))} – {escape(shown(m['null_high'], plain))}</span>"
    )


def _measures(v: dict[str, Any], group: str) -> str:
    faults = _faults(v)
    mine = [m for m in v["measures"] if m["group"] == group]
    is_permuted = any(m["permutation_p"] is not None for m in mine)
    rows = [_measure_row(m, m["name"] in faults, is_permuted) for m in mine]
    return (
        "<table><thead><tr><th>Statistic<th class=number>Set<th class=number>Draws, 5–95%<th>better → worse"
        f"<th class=number>SD worse<th class=number>p{'<th class=number>permutation p' * is_permuted}</thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
        "<p class=note>Grey line: range of the draws; band: their middle 90%; tick: median; dot: this set, red where "
        "it is a fault; an arrow where it lies off the scale.</p>"
    )


def _measure_row(m: dict[str, Any], fault: bool, is_permuted: bool) -> str:
    permutation = "" if m["permutation_p"] is None else f"{m['permutation_p']:.3f}"
    return (
        f"<tr{' class=fault' if fault else ''}><td>{escape(m['label'])}<td class=number>{_number(m, 'value')}"
        f"<td class=number>{_number(m, 'null_low')} – {_number(m, 'null_high')}<td>{strip_svg(m, fault)}"
        f"<td class=number>{_signed(m['z'])}<td class=number>{m['p_value']:.3f}"
        f"{f'<td class=number>{permutation}' * is_permuted}"
    )


def _number(m: dict[str, Any], field: str) -> str:
    return escape(shown(m[field], m["unit"]))


def _signed(z: float) -> str:
    """One decimal, without a minus before zero."""
    return f"{round(z, 1) + 0.0:.1f}"


def _histograms(histograms: list[dict[str, Any]]) -> str:
    figures = [f"<figure><figcaption>{escape(h['label'])}</figcaption>{histogram_svg(h)}</figure>" for h in histograms]
    key = (
        '<p class=note><span class=key style="background:#c9d1d9"></span> library '
        '<span class=key style="background:#0969da"></span> calibration set; height is the share of molecules. '
        "The outermost bins also hold what lies beyond.</p>"
    )
    return f"{key}<div class=grid>{''.join(figures)}</div>"


def _missing(missing: dict[str, Any]) -> str:
    rows = []
    for title, kind, separator in (
        ("Elements", "elements", ", "),
        ("Atomic charges", "charges", ", "),
        ("Largest scaffolds", "scaffolds", "<br>"),
    ):
        cells = [f"<code>{escape(name) or 'acyclic'}</code> {share:.2%}" for name, share in missing[kind]]
        rows.append(f"<tr><td>{title}<td>{separator.join(cells) or 'none'}")
    return f"<table>{''.join(rows)}</table><p class=note>With the share of library molecules behind each.</p>"


def _method(v: dict[str, Any]) -> str:
    unseen = ""
    if v.get("model") and v["library_used"] + v["library_rejected"] < v["library_molecules"]:
        share = v["draw_size"] / v["library_used"]
        unseen = (
            f" Ranges hang on the most extreme molecule of a set; one drawn from the whole library holds one more "
            f"extreme than all that were looked at in up to {share:.1%} of cases, which may add as many false alarms."
        )
    return (
        f"<p class=note>Each statistic was also computed for {v['draws']} random draws of {v['draw_size']} molecules "
        "from the library; molecules of a set are left out of the library while it is compared. A set's distance is "
        "its largest standard score among all statistics, one-sided: being closer to the library than random draws is "
        "no fault. The p-value is the rank of that distance among the draws' own distances, so a random draw from the "
        "library is called marginal or worse in about 1.5% of cases, however many statistics there are."
        f"{unseen} Verdicts: representative above p = 0.015, not representative at 0.0075 or below. The permutation p "
        "relabels set and library molecules and asks only whether one property differs.</p>"
    )

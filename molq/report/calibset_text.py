"""The validation of a calibration set as text for a terminal."""

from __future__ import annotations

from typing import Any

from molq.calibset.validate import shown
from molq.report.table import Table

SITE_COLUMNS = {
    "beyond_range": "beyond the range",
    "quantile_ratio": "99.9% quantile ratio",
    "sqnr": "SQNR",
    "silent_channels": "silent channels",
}
"""kinds of statistics of call sites, as columns of a table"""

_REASONS_SHOWN = 5
_SITES_SHOWN = 12


def validation_text(validation: dict[str, Any]) -> str:
    """The statistics beside their null, then the verdict, then reasons and remedies.

    ``validation`` is what ``Validation.to_dict`` gives, with ``model`` when a model took part.
    """
    parts = [_measures(validation["measures"]).to_text()]
    if validation.get("model"):
        parts.append(_activations(validation))
    parts.append(_verdict(validation))
    return "\n\n".join(parts)


def sites_by_badness(measures: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Call site → kind of statistic → measure, the site with the worst of them first."""
    sites: dict[str, dict[str, dict[str, Any]]] = {}
    for measure in measures:
        if measure["group"] == "activations":
            sites.setdefault(measure["name"].partition("@")[2], {})[measure["kind"]] = measure
    return dict(sorted(sites.items(), key=lambda site: -max(m["z"] for m in site[1].values())))


def by_group(v: dict[str, Any]) -> str:
    """What each group of statistics says by itself, for a validation with a model."""
    worst: dict[str, float] = {}
    for measure in v["measures"]:
        worst[measure["group"]] = max(worst.get(measure["group"], measure["z"]), measure["z"])
    scores = ", ".join(f"{group} {z:.1f}" for group, z in worst.items())
    faulty = {m["group"] for m in v["measures"] if any(m["name"] == r["statistic"] for r in v["reasons"])}
    said = f"Worst SD by group: {scores}."
    if faulty == {"chemistry"}:
        said += " For this model, activations and scores are within what random draws give."
    return said


def small_draws(v: dict[str, Any]) -> str:
    """What it means that the library is too small for draws as large as the set, "" when it is not."""
    size = v["set_molecules"] - v["set_rejected"]
    if v["draw_size"] >= size:
        return ""
    return (
        f"The library is too small for draws of {size}; smaller ones lie farther from it, so lesser faults of the set "
        "go unseen."
    )


def _measures(measures: list[dict[str, Any]]) -> Table:
    rows = [
        (
            m["name"],
            shown(m["value"], m["unit"]),
            f"{shown(m['null_low'], m['unit'])} to {shown(m['null_high'], m['unit'])}",
            f"{m['z']:.1f}",
            f"{m['p_value']:.3f}",
        )
        for m in measures
        if m["group"] != "activations"
    ]
    return Table(("statistic", "set", "random draws (5–95%)", "SD worse", "p"), tuple(rows))


def _activations(validation: dict[str, Any]) -> str:
    sites = sites_by_badness(validation["measures"])
    rows = [(name, *(_cell(measures[kind]) for kind in SITE_COLUMNS)) for name, measures in sites.items()]
    table = Table(("call site", *SITE_COLUMNS.values()), tuple(rows[:_SITES_SHOWN])).to_text()
    model = validation["model"]
    lines = [
        f"activations of {model['library_gathered']:,} library molecules in {model['path']} against the ranges of the "
        "set (random draws, 5–95%)",
        table,
    ]
    if len(rows) > _SITES_SHOWN:
        lines.append(f"and {len(rows) - _SITES_SHOWN} more call sites that fare better")
    return "\n".join(lines)


def _cell(m: dict[str, Any]) -> str:
    plain = "%" if m["unit"] == "%" else ""
    return f"{shown(m['value'], m['unit'])} ({shown(m['null_low'], plain)} to {shown(m['null_high'], plain)})"


def _verdict(v: dict[str, Any]) -> str:
    lines = [f"{v['verdict']} (p = {v['p_value']:.3f}, {v['draws']} random draws of {v['draw_size']})"]
    if v["set_rejected"]:
        lines.append(f"{v['set_rejected']} of the {v['set_molecules']} rows of the set do not parse and were left out")
    if small_draws(v):
        lines.append(small_draws(v))
    if v.get("model"):
        lines.append(by_group(v))
    for reason in v["reasons"][:_REASONS_SHOWN]:
        lines += [f"- {reason['finding']}", f"  {reason['remedy']}"]
    if len(v["reasons"]) > _REASONS_SHOWN:
        lines.append(f"and {len(v['reasons']) - _REASONS_SHOWN} more reasons; --json or -o REPORT.html has them all")
    return "\n".join(lines)

"""The tables of a study: one row per scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molq.report.numbers import (
    ABSENT,
    METRIC_NAMES,
    decimal,
    difference_key,
    interval,
    kilobytes,
    percent,
    seed_phrase,
    signed_interval,
)
from molq.report.table import Table


def accuracy_table(results: Mapping[str, Any]) -> Table:
    """Size and accuracy of the variants of ``results``, the content of results.json."""
    metric = results["statistics"]["metric"]
    name = METRIC_NAMES[metric]
    header = ("scheme", "size", "ratio", name, f"Δ{name} to fp32", "verdict", "speed-up")
    return Table(header, tuple(_accuracy_row(v, metric) for v in results["variants"]))


def ranking_table(results: Mapping[str, Any]) -> Table:
    """Secondary metrics, agreement with fp32 on the library, and throughput."""
    metric = results["statistics"]["metric"]
    others = [name for name in METRIC_NAMES if name in results["variants"][0] and name != metric]
    header = ("scheme", *(METRIC_NAMES[name] for name in others), "hits 1%", "hits 5%", "ρ to fp32", "mol/s")
    return Table(header, tuple(_ranking_row(v, others) for v in results["variants"]))


def study_notes(results: Mapping[str, Any]) -> list[str]:
    """What has to be known to read the table, a line each."""
    split, calibration, library = results["split"], results["calibration"], results["library"]
    statistics, speed, dataset = results["statistics"], results["speed"], results["dataset"]
    actives = f", {'/'.join(map(str, split['actives']))} actives" if split["actives"] else ""
    margin = f"{statistics['margin']:.3g} {METRIC_NAMES[statistics['metric']]}"
    notes = [
        f"{dataset['name']}: {split['n_test']:,} test molecules{actives}, {seed_phrase(split)}; "
        f"{split['n_train']:,} trained on.",
        f"Intervals: {percent(statistics['level'], 0)}, {statistics['method']}, {statistics['n_resamples']:,} "
        f"resamples. Margin stated beforehand: {margin}.",
        f"Calibration set: {calibration['size']} {calibration['pool']}, strategy {calibration['strategy']}, "
        f"seed {calibration['seed']}.",
        f"Hits and ρ: agreement with fp32 on {library['molecules_used']:,} molecules of {library['name']}. Speed: "
        f"packed graphs to scores, one thread, every molecule once, the middle half of {speed['rounds']} rounds.",
    ]
    if not split["held_out"]:
        notes.append("The model's training molecules are not known: test molecules may be among them.")
    return notes


def _accuracy_row(variant: Mapping[str, Any], metric: str) -> tuple[str, ...]:
    return (
        variant["scheme"],
        kilobytes(variant["size_bytes"]),
        decimal(variant["size_ratio"]),
        interval(variant, metric),
        "reference" if variant["scheme"] == "fp32" else signed_interval(variant, difference_key(metric)),
        variant["verdict"] or ABSENT,
        f"{variant['speedup']:.2f}×",
    )


def _ranking_row(variant: Mapping[str, Any], others: list[str]) -> tuple[str, ...]:
    return (
        variant["scheme"],
        *(decimal(variant[name]) for name in others),
        percent(variant["library_hit_overlap_1pct"]),
        percent(variant["library_hit_overlap_5pct"]),
        decimal(variant["library_spearman"], 5),
        f"{variant['mols_per_s']:,.0f}",
    )

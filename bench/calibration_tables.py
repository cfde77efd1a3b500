"""The tables of docs/calibration.md, from the cells that calibration_study.py measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student
from scipy.stats import ttest_ind

from molq.report.numbers import decimal, signed
from molq.report.table import Table

DEFAULT_SIZE = 200
ARCHITECTURES = {"dmpnn": "D-MPNN", "gine": "GINE"}
SCHEMES = ("int8", "w4a8")

Row = dict[str, Any]
Pairs = list[tuple[list[Row], list[Row]]]
"""per model, the cells of a base and of what is compared with it"""
Where = dict[str, Any]
PLAIN: Where = {"pool": "train", "observer": "minmax"}


def print_tables(rows: list[Row], folder: Path) -> None:
    """All tables, in Markdown; each also as ``folder``/calibration-NAME.md, where bench/tables.py finds it."""
    for name, title, make in (
        ("scaffold", "Scaffold against random: mean over models [95% interval]", scaffold_against_random),
        ("scaffold-models", "Scaffold against random, model by model: sets of 200 [95% over draws]", scaffold_by_model),
        ("sizes", "Size, random sets: score error relative to sets of 200", sizes),
        ("strategies", "Every strategy, int8: score error relative to random sets of 200", strategies),
        ("observers", "Observers: score error relative to minmax on the same set", observers),
        (
            "fitting",
            "int8 with weights fitted to sets of 200: score error relative to plain int8 on the same set",
            fitting,
        ),
        ("transfer", "A library of other chemistry, int8: scores of MOSES molecules", transfer),
        ("summary", "Sets: mean over models ± mean standard deviation over draws", summary),
        ("models", "Models, scaffold sets of 200: mean ± standard deviation over draws", by_model),
    ):
        table = make(rows)
        if table.rows:
            text = table.to_markdown()
            print(f"\n### {title}\n\n{text}")
            (folder / f"calibration-{name}.md").write_text(text + "\n", encoding="utf-8")


def scaffold_against_random(rows: list[Row]) -> Table:
    """Size by size: the ratio of errors and the difference of means over draws, each averaged over models."""
    lines = []
    for label, chosen in _groups(select(rows, **PLAIN)):
        for size in values(chosen, "size"):
            pairs = _pairs(select(chosen, size=size), "strategy", "random", "scaffold")
            if pairs:
                lines.append((
                    f"{label}, {size}",
                    str(len(pairs)),
                    _ratio(pairs, "test_score_rmse", np.mean),
                    _ratio(pairs, "test_score_rmse", np.max),
                    _ratio(pairs, "library_score_rmse", np.mean),
                    _difference(pairs, "delta_auc", 5),
                    _difference(pairs, "test_spearman", 5),
                    _difference(pairs, "library_hit_overlap_1pct", 4),
                ))  # fmt: skip
    header = ("network, scheme, size", "models", "error, ratio", "error of the worst draw, ratio",
              "MOSES error, ratio", "ΔROC-AUC", "Spearman", "MOSES hits 1%")  # fmt: skip
    return Table(header, tuple(lines))


def scaffold_by_model(rows: list[Row]) -> Table:
    """Each model's ratio of errors at the default size, and whether its interval over draws excludes 1."""
    lines = []
    for label, chosen in _groups(select(rows, **PLAIN, size=DEFAULT_SIZE)):
        for random, scaffold in _pairs(chosen, "strategy", "random", "scaffold"):
            cells = [f"{random[0]['name']}, {label.split(', ')[1]}", f"{len(random)}, {len(scaffold)}"]
            for place in ("test", "library"):
                ratio, low, high = _ratio_over_draws(random, scaffold, f"{place}_score_rmse")
                cells += [_interval(ratio, low, high), "better" if high < 1 else "worse" if low > 1 else "no telling"]
            lines.append((*cells, _difference([(random, scaffold)], "delta_auc", 5)))
    header = ("model, scheme", "draws", "error, ratio", "scaffold is", "MOSES error, ratio", "scaffold is there",
              "ΔROC-AUC")  # fmt: skip
    return Table(header, tuple(lines))


def sizes(rows: list[Row]) -> Table:
    """Ratio of errors to those of random sets of the default size."""
    lines = []
    for label, chosen in _groups(select(rows, **PLAIN, strategy="random")):
        for size in values(chosen, "size"):
            pairs = _pairs(chosen, "size", DEFAULT_SIZE, size)
            seconds = _values(select(chosen, size=size), "quantize_s")
            if pairs and size != DEFAULT_SIZE:
                lines.append((f"{label}, {size}", str(len(pairs)), *_compared(pairs), f"{seconds:.1f}"))
    return Table(("network, scheme, size", *_COMPARED_HEADER, "seconds to quantize"), tuple(lines))


def strategies(rows: list[Row]) -> Table:
    """Geometric mean over models of the mean error over draws, and of the worst, relative to random sets of 200."""
    chosen = [r for r in select(rows, **PLAIN, scheme="int8") if r["architecture"] == "dmpnn"]
    whole = [n for n in names(chosen) if select(chosen, name=n, strategy="activation", size=1000)]
    chosen = [r for r in chosen if r["name"] in whole]
    tried = values([r for r in chosen if r["strategy"] not in ("random", "scaffold")], "size")
    lines = []
    for strategy in values(chosen, "strategy"):
        for place, aggregate, label in (
            ("test", np.mean, "mean"),
            ("test", np.max, "worst draw"),
            ("library", np.mean, "MOSES, mean"),
        ):
            cells = [f"{strategy}, {label}"]
            for size in tried:
                ratios = []
                for name in whole:
                    base = select(chosen, name=name, strategy="random", size=DEFAULT_SIZE)
                    cell = select(chosen, name=name, strategy=strategy, size=size)
                    if cell and base:
                        key = f"{place}_score_rmse"
                        ratios.append(_values(cell, key, aggregate) / _values(base, key, np.mean))
                cells.append(decimal(float(np.exp(np.mean(np.log(ratios)))), 2) if ratios else "–")
            lines.append(tuple(cells))
    return Table((f"set ({len(whole)} models)", *map(str, tried)), tuple(lines))


def observers(rows: list[Row]) -> Table:
    """Ratio of errors to those of minmax on the very same sets; random and scaffold sets of a model count as one."""
    lines = []
    for label, chosen in _groups(select(rows, pool="train")):
        for size in values([r for r in chosen if r["observer"] != "minmax"], "size"):
            for observer in (o for o in values(chosen, "observer") if o != "minmax"):
                pairs = _same_sets(select(chosen, size=size), "observer", "minmax", observer)
                if pairs:
                    n_sets = sum(len(b) for _, b in pairs)
                    lines.append((f"{label}, {observer}, {size}", str(len(pairs)), str(n_sets), *_compared(pairs)))
    return Table(("network, scheme, observer, size", "models", "sets", *_COMPARED_HEADER[1:]), tuple(lines))


def fitting(rows: list[Row]) -> Table:
    """Ratio of errors to those of plain int8 on the very same sets."""
    chosen = [r for r in select(rows, **PLAIN, size=DEFAULT_SIZE) if r["architecture"] == "dmpnn"]
    lines = []
    for strategy in ("scaffold", "generic"):
        cells = select(chosen, strategy=strategy)
        for scheme in (s for s in values(cells, "scheme") if s.startswith("int8,")):
            pairs = _same_sets(cells, "scheme", "int8", scheme)
            seconds = _values(select(cells, scheme=scheme), "quantize_s")
            lines.append((f"{scheme}; {strategy} set", str(len(pairs)), *_compared(pairs), f"{seconds:.1f}"))
    return Table(("scheme", *_COMPARED_HEADER, "seconds to quantize"), tuple(lines))


def transfer(rows: list[Row]) -> Table:
    """MOSES scores when the set comes from the training molecules, is matched to MOSES, or comes from MOSES."""
    chosen = select(rows, scheme="int8", observer="minmax")
    models = [n for n in names(chosen) if select(chosen, name=n, pool="library")]
    lines = []
    for size in values(select(chosen, pool="library"), "size"):
        for pool, strategy in (
            ("train", "random"), ("train", "scaffold"), ("train for library", "scaffold"),
            ("train for library", "property"), ("library", "random"), ("library", "scaffold"),
        ):  # fmt: skip
            pairs = []
            for name in models:
                mine = select(chosen, name=name, size=size)
                base, cell = select(mine, pool="train", strategy="random"), select(mine, pool=pool, strategy=strategy)
                if base and cell:
                    pairs.append((base, cell))
            if pairs:
                lines.append((
                    f"{pool}, {strategy}, {size}",
                    str(len(pairs)),
                    _ratio(pairs, "library_score_rmse", np.mean),
                    _ratio(pairs, "library_max_score_change", np.mean),
                    _ratio(pairs, "test_score_rmse", np.mean),
                    _difference(pairs, "library_spearman", 5),
                    _difference(pairs, "library_hit_overlap_1pct", 4),
                ))  # fmt: skip
    header = ("set chosen from, how, size", "models", "MOSES error, ratio to random training molecules",
              "largest change on MOSES, ratio", "test error, ratio", "MOSES Spearman", "MOSES hits 1%")  # fmt: skip
    return Table(header, tuple(lines))


def summary(rows: list[Row]) -> Table:
    """By size and strategy, over all models: mean of model means ± mean of their standard deviations."""
    lines = []
    for label, chosen in _groups(select(rows, **PLAIN)):
        for strategy in values(chosen, "strategy"):
            for size in values(select(chosen, strategy=strategy), "size"):
                cells = [select(chosen, size=size, strategy=strategy, name=name) for name in names(chosen)]
                measured = [c for c in cells if c]
                lines.append((f"{label}, {strategy}, {size}", str(len(measured)), *_described_over_models(measured)))
    header = ("network, scheme, set, size", "models", "ΔROC-AUC", "least ΔROC-AUC", *_DESCRIBED_HEADER)
    return Table(header, tuple(lines))


def by_model(rows: list[Row]) -> Table:
    """What the default sets came to, model by model."""
    chosen = select(rows, **PLAIN, strategy="scaffold", size=DEFAULT_SIZE)
    lines = []
    for scheme in SCHEMES:
        for name in names(chosen):
            cells = select(chosen, name=name, scheme=scheme)
            if cells:
                lines.append((f"{name}, {scheme}", str(len(cells)), *_described(cells)))
    return Table(("model, scheme", "draws", "ΔROC-AUC", *_DESCRIBED_HEADER), tuple(lines))


def select(rows: Iterable[Row], **where: Any) -> list[Row]:
    """Rows with those values."""
    return [r for r in rows if all(r[k] == v for k, v in where.items())]


def names(rows: Iterable[Row]) -> list[str]:
    """Models, D-MPNNs first."""
    return sorted({r["name"] for r in rows}, key=lambda n: ("gine" in n, n))


def values(rows: Iterable[Row], key: str) -> list[Any]:
    """Distinct values in order: numbers sorted, texts as they come."""
    found = list(dict.fromkeys(r[key] for r in rows))
    return sorted(found) if found and isinstance(found[0], int) else found


def _groups(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The cells of each architecture and scheme."""
    for scheme in SCHEMES:
        for architecture, label in ARCHITECTURES.items():
            chosen = select(rows, scheme=scheme, architecture=architecture)
            if chosen:
                yield f"{label}, {scheme}", chosen


def _pairs(rows: list[Row], key: str, first: Any, second: Any) -> Pairs:
    """Per model the cells of both values of ``key``."""
    pairs = [(select(rows, name=n, **{key: first}), select(rows, name=n, **{key: second})) for n in names(rows)]
    return [(a, b) for a, b in pairs if a and b]


def _same_sets(rows: list[Row], key: str, first: Any, second: Any) -> Pairs:
    """The pairs, cut down to the calibration sets that were measured with both values of ``key``."""
    kept = []
    for a, b in _pairs(rows, key, first, second):
        shared = {_set(r) for r in a} & {_set(r) for r in b}
        kept.append(([r for r in a if _set(r) in shared], [r for r in b if _set(r) in shared]))
    return [(a, b) for a, b in kept if a]


def _set(row: Row) -> tuple[Any, ...]:
    return tuple(row[k] for k in ("pool", "strategy", "size", "seed"))


def _values(cells: Sequence[Row], key: str, aggregate: Callable[..., Any] = np.mean) -> float:
    found = [c[key] for c in cells if c.get(key) is not None]
    return float(aggregate(found)) if found else math.nan


_COMPARED_HEADER = (
    "models",
    "error, ratio",
    "largest change, ratio",
    "MOSES error, ratio",
    "ΔROC-AUC",
    "Spearman",
    "MOSES hits 1%",
)


def _compared(pairs: Pairs) -> list[str]:
    return [
        _ratio(pairs, "test_score_rmse", np.mean),
        _ratio(pairs, "test_max_score_change", np.mean),
        _ratio(pairs, "library_score_rmse", np.mean),
        _difference(pairs, "delta_auc", 5),
        _difference(pairs, "test_spearman", 5),
        _difference(pairs, "library_hit_overlap_1pct", 4),
    ]


def _ratio(pairs: Pairs, key: str, aggregate: Callable[..., Any]) -> str:
    """Geometric mean over models of a ratio, with its interval over models."""
    logs = [math.log(_values(b, key, aggregate) / _values(a, key, aggregate)) for a, b in pairs]
    mean, half = _mean_and_half_width(logs)
    return _interval(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


def _ratio_over_draws(base: list[Row], cells: list[Row], key: str) -> tuple[float, float, float]:
    """Ratio of geometric means over draws, and its interval by Welch's t on the logarithms; NaN where none varies."""
    a, b = (np.log([c[key] for c in group]) for group in (base, cells))
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        return math.exp(b.mean() - a.mean()), math.nan, math.nan
    interval = ttest_ind(b, a, equal_var=False).confidence_interval()
    return math.exp(b.mean() - a.mean()), math.exp(interval.low), math.exp(interval.high)


def _interval(value: float, low: float, high: float) -> str:
    text = decimal(value, 2)
    return text if math.isnan(low) else f"{text} [{decimal(low, 2)}, {decimal(high, 2)}]"


def _difference(pairs: Pairs, key: str, digits: int) -> str:
    """Mean over models of a difference of means, with its interval over models."""
    differences = [_values(b, key) - _values(a, key) for a, b in pairs]
    mean, half = _mean_and_half_width([d for d in differences if not math.isnan(d)])
    if math.isnan(mean):
        return "–"
    text = signed(mean, digits)
    return text if math.isnan(half) else f"{text} [{signed(mean - half, digits)}, {signed(mean + half, digits)}]"


def _mean_and_half_width(found: list[float]) -> tuple[float, float]:
    n = len(found)
    if n < 2:
        return (found[0] if found else math.nan), math.nan
    return float(np.mean(found)), float(student.ppf(0.975, n - 1) * np.std(found, ddof=1) / math.sqrt(n))


_COLUMNS = (("test_spearman", 5), ("test_hit_overlap_1pct", 3), ("test_score_rmse", 5), ("library_spearman", 5),
            ("library_hit_overlap_1pct", 3), ("library_score_rmse", 5))  # fmt: skip
_DESCRIBED_HEADER = ("Spearman", "hits 1%", "error", "MOSES Spearman", "MOSES hits 1%", "MOSES error")


def _described(cells: list[Row]) -> list[str]:
    spread = [c["delta_auc"] for c in cells if c.get("delta_auc") is not None]
    auc = f"{signed(float(np.mean(spread)))} ± {np.std(spread):.4f}" if spread else "–"
    return [auc, *(f"{_values(cells, k):.{d}f} ± {_values(cells, k, np.std):.{d}f}" for k, d in _COLUMNS)]


def _described_over_models(groups: list[list[Row]]) -> list[str]:
    labelled = [g for g in groups if g[0].get("delta_auc") is not None]
    means = [_values(g, "delta_auc") for g in labelled]
    spread = float(np.mean([_values(g, "delta_auc", np.std) for g in labelled]))
    least = min(_values(g, "delta_auc", np.min) for g in labelled)
    texts = [f"{signed(float(np.mean(means)))} ± {spread:.4f}", signed(least)]
    for key, digits in _COLUMNS:
        mean, deviation = (np.mean([_values(g, key, f) for g in groups]) for f in (np.mean, np.std))
        texts.append(f"{mean:.{digits}f} ± {deviation:.{digits}f}")
    return texts

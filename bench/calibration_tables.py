"""The tables and the figure of docs/calibration.md, from the cells that calibration_study.py measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from molq.report.numbers import decimal, signed
from molq.report.table import Table

FIGURE = Path(__file__).resolve().parent / "out" / "calibration.svg"
DEFAULT_SIZE = 200

Row = dict[str, Any]
Where = dict[str, Any]
MAIN: Where = {"pool": "train", "scheme": "int8", "observer": "minmax"}


def print_tables(rows: list[Row], folder: Path) -> None:
    """All tables, in Markdown; each also as ``folder``/calibration-NAME.md, where bench/tables.py finds it."""
    for name, title, make in (
        ("models", "Random and scaffold sets, int8: mean ± standard deviation over draws", by_model),
        ("scaffold", "Scaffold against random, int8: mean over models [95% interval]", scaffold_against_random),
        ("sizes", "Size, int8, random sets: score error relative to sets of 200", sizes),
        ("strategies", "Every strategy, int8: score error relative to random sets of 200", strategies),
        ("observers", "Observers, int8: score error relative to minmax on the same set", observers),
        ("fitting", "int8 with weights fitted to scaffold sets of 200: score error relative to plain int8", fitting),
        ("w4a8", "w4a8: mean over models ± mean standard deviation over draws", w4a8),
        ("transfer", "A library of other chemistry, int8: scores of MOSES molecules", transfer),
    ):  # fmt: skip
        table = make(rows)
        if table.rows:
            text = table.to_markdown()
            print(f"\n### {title}\n\n{text}")
            (folder / f"calibration-{name}.md").write_text(text + "\n", encoding="utf-8")


def by_model(rows: list[Row]) -> Table:
    """What each size and strategy came to, model by model."""
    chosen = select(rows, **MAIN)
    lines = []
    for name in names(chosen):
        for size in (25, DEFAULT_SIZE, 1000):
            for strategy in ("random", "scaffold"):
                cells = select(chosen, name=name, size=size, strategy=strategy)
                if cells:
                    lines.append((f"{name}, {size}", strategy, str(len(cells)), *_described(cells)))
    header = ("model, size", "set", "draws", "ΔROC-AUC", "Spearman", "error", "MOSES Spearman", "MOSES hits 1%",
              "MOSES error")  # fmt: skip
    return Table(header, tuple(lines))


def scaffold_against_random(rows: list[Row]) -> Table:
    """Size by size: the difference of means over draws, and the ratio of errors, each averaged over models."""
    chosen = select(rows, **MAIN)
    lines = []
    for size in values(chosen, "size"):
        pairs = _pairs(select(chosen, size=size), "strategy", "random", "scaffold")
        if pairs:
            lines.append((
                str(size),
                str(len(pairs)),
                _ratio(pairs, "test_score_rmse", np.mean),
                _ratio(pairs, "test_score_rmse", np.max),
                _ratio(pairs, "library_score_rmse", np.mean),
                _difference(pairs, "delta_auc", 5),
                _difference(pairs, "test_spearman", 5),
                _difference(pairs, "library_hit_overlap_1pct", 4),
            ))  # fmt: skip
    header = ("size", "models", "error, ratio", "error of the worst draw, ratio", "MOSES error, ratio", "ΔROC-AUC",
              "Spearman", "MOSES hits 1%")  # fmt: skip
    return Table(header, tuple(lines))


def sizes(rows: list[Row]) -> Table:
    """Ratio of errors to those of random sets of the default size, over the models that have all sizes."""
    chosen = select(rows, **MAIN, strategy="random")
    lines = []
    for size in values(chosen, "size"):
        pairs = _pairs(chosen, "size", DEFAULT_SIZE, size)
        lines.append(
            (str(size), str(len(pairs)), *_compared(pairs), f"{_values(select(chosen, size=size), 'quantize_s'):.2f}")
        )
    return Table(("size", *_COMPARED_HEADER, "seconds to quantize"), tuple(lines))


def strategies(rows: list[Row]) -> Table:
    """Geometric mean over models of the mean error over draws, and of the worst, relative to random sets of 200."""
    chosen = [r for r in select(rows, **MAIN) if r["architecture"] == "dmpnn"]
    whole = [n for n in names(chosen) if select(chosen, name=n, strategy="maxmin", size=1000)]
    chosen = [r for r in chosen if r["name"] in whole]
    lines = []
    for strategy in values(chosen, "strategy"):
        for place, aggregate, label in (
            ("test", np.mean, "mean"),
            ("test", np.max, "worst draw"),
            ("library", np.mean, "MOSES, mean"),
        ):
            cells = [f"{strategy}, {label}"]
            for size in values(chosen, "size"):
                ratios = []
                for name in whole:
                    base = select(chosen, name=name, strategy="random", size=DEFAULT_SIZE, limit=5)
                    cell = select(chosen, name=name, strategy=strategy, size=size, limit=5)
                    if cell and base:
                        key = f"{place}_score_rmse"
                        ratios.append(_values(cell, key, aggregate) / _values(base, key, np.mean))
                cells.append(decimal(_geometric_mean(ratios), 2) if ratios else "–")
            lines.append(tuple(cells))
    return Table((f"set ({len(whole)} models)", *map(str, values(chosen, "size"))), tuple(lines))


def observers(rows: list[Row]) -> Table:
    """Ratio of errors to those of minmax on the very same sets; random and scaffold sets of a model count as one."""
    chosen = [r for r in select(rows, pool="train", scheme="int8") if r["architecture"] == "dmpnn"]
    lines = []
    for size in values([r for r in chosen if r["observer"] != "minmax"], "size"):
        for observer in (o for o in values(chosen, "observer") if o != "minmax"):
            pairs = _same_sets(select(chosen, size=size), "observer", "minmax", observer)
            if pairs:
                n_sets = sum(len(b) for _, b in pairs)
                lines.append((f"{observer}, {size}", str(len(pairs)), str(n_sets), *_compared(pairs)))
    return Table(("observer, size", "models", "sets", *_COMPARED_HEADER[1:]), tuple(lines))


def fitting(rows: list[Row]) -> Table:
    """Ratio of errors to those of plain int8 on the very same sets."""
    chosen = select(rows, pool="train", observer="minmax", strategy="scaffold", size=DEFAULT_SIZE, limit=3)
    lines = []
    for scheme in (s for s in values(chosen, "scheme") if s.startswith("int8,")):
        pairs = _same_sets([r for r in chosen if r["architecture"] == "dmpnn"], "scheme", "int8", scheme)
        cells = select(chosen, scheme=scheme)
        lines.append((scheme, str(len(pairs)), *_compared(pairs), f"{_values(cells, 'quantize_s'):.1f}"))
    return Table(("scheme", *_COMPARED_HEADER, "seconds to quantize"), tuple(lines))


def w4a8(rows: list[Row]) -> Table:
    """By size and strategy, over all models: mean of model means ± mean of their standard deviations."""
    chosen = select(rows, pool="train", scheme="w4a8", observer="minmax")
    lines = []
    for size in values(chosen, "size"):
        for strategy in values(chosen, "strategy"):
            groups = [select(chosen, size=size, strategy=strategy, name=name) for name in names(chosen)]
            groups = [g for g in groups if g]
            if groups:
                lines.append((f"{strategy}, {size}", str(len(groups)), *_described_over_models(groups)))
    header = ("set, size", "models", "ΔROC-AUC", "least ΔROC-AUC", "Spearman", "error", "MOSES Spearman",
              "MOSES hits 1%", "MOSES error")  # fmt: skip
    return Table(header, tuple(lines))


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
                mine = select(chosen, name=name, size=size, limit_seed=5)
                base, cell = select(mine, pool="train", strategy="random"), select(mine, pool=pool, strategy=strategy)
                if base and cell:
                    pairs.append((base, cell))
            if pairs:
                lines.append((
                    f"{pool}, {strategy}, {size}",
                    str(len(pairs)),
                    _ratio(pairs, "library_score_rmse", np.mean),
                    _ratio(pairs, "test_score_rmse", np.mean),
                    decimal(float(np.mean([_values(c, "library_spearman") for _, c in pairs])), 5),
                    decimal(float(np.mean([_values(c, "library_hit_overlap_1pct") for _, c in pairs])), 4),
                ))  # fmt: skip
    header = ("set chosen from, how, size", "models", "MOSES error, ratio to random training molecules",
              "test error, ratio", "MOSES Spearman", "MOSES hits 1%")  # fmt: skip
    return Table(header, tuple(lines))


def draw(rows: list[Row], path: Path) -> None:
    """Score error against the size of the set, model by model: mean and worst draw of random and scaffold sets."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    chosen = select(rows, **MAIN)
    models = names(chosen)
    if not models:
        return
    n_columns = 4
    n_rows = math.ceil(len(models) / n_columns)
    figure, axes = plt.subplots(n_rows, n_columns, figsize=(12, 2.6 * n_rows), sharex=True, squeeze=False)
    for axis, name in zip(axes.flat, models, strict=False):
        for strategy, colour in (("random", "#d95f02"), ("scaffold", "#1b6ca8"), ("generic", "#888888")):
            cells = select(chosen, name=name, strategy=strategy)
            if not cells:
                continue
            xs = values(cells, "size")
            for aggregate, style in ((np.mean, "-"), (np.max, ":")):
                error = [_values(select(cells, size=size), "test_score_rmse", aggregate) for size in xs]
                label = strategy if style == "-" else f"{strategy}, worst draw"
                axis.plot(xs, error, style, color=colour, marker="o", markersize=3, label=label)
        axis.set(title=name, xscale="log")
        axis.set_ylim(bottom=0)
        axis.ticklabel_format(axis="y", style="plain")
        axis.yaxis.set_major_locator(plt.MaxNLocator(4))
        axis.set_xticks([25, 100, 1000], ["25", "100", "1000"])
        axis.minorticks_off()
        axis.spines[["top", "right"]].set_visible(False)
    for axis in list(axes.flat)[len(models) :]:
        axis.set_visible(False)
    figure.supxlabel("molecules in the calibration set")
    figure.supylabel("RMS change of test scores, int8 against fp32")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=len(labels), frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.95))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def select(rows: Iterable[Row], limit: int | None = None, limit_seed: int | None = None, **where: Any) -> list[Row]:
    """Rows with those values; of ``limit_seed`` draws, or the first ``limit``."""
    bound = limit_seed if limit is None else limit
    return [r for r in rows if all(r[k] == v for k, v in where.items()) and (bound is None or r["seed"] < bound)]


def names(rows: Iterable[Row]) -> list[str]:
    """Models, D-MPNNs first."""
    return sorted({r["name"] for r in rows}, key=lambda n: ("gine" in n, n))


def values(rows: Iterable[Row], key: str) -> list[Any]:
    """Distinct values in order: numbers sorted, texts as they come."""
    found = list(dict.fromkeys(r[key] for r in rows))
    return sorted(found) if found and isinstance(found[0], int) else found


def _pairs(rows: list[Row], key: str, first: Any, second: Any) -> list[tuple[list[Row], list[Row]]]:
    """Per model the cells of both values of ``key``."""
    pairs = [(select(rows, name=n, **{key: first}), select(rows, name=n, **{key: second})) for n in names(rows)]
    return [(a, b) for a, b in pairs if a and b]


def _same_sets(rows: list[Row], key: str, first: Any, second: Any) -> list[tuple[list[Row], list[Row]]]:
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


def _compared(pairs: list[tuple[list[Row], list[Row]]]) -> list[str]:
    return [
        _ratio(pairs, "test_score_rmse", np.mean),
        _ratio(pairs, "test_max_score_change", np.mean),
        _ratio(pairs, "library_score_rmse", np.mean),
        _difference(pairs, "delta_auc", 5),
        _difference(pairs, "test_spearman", 5),
        _difference(pairs, "library_hit_overlap_1pct", 4),
    ]


def _ratio(pairs: list[tuple[list[Row], list[Row]]], key: str, aggregate: Callable[..., Any]) -> str:
    logs = [math.log(_values(b, key, aggregate) / _values(a, key, aggregate)) for a, b in pairs]
    mean, half = _mean_and_half_width(logs)
    text = decimal(math.exp(mean), 2)
    return (
        text
        if math.isnan(half)
        else f"{text} [{decimal(math.exp(mean - half), 2)}, {decimal(math.exp(mean + half), 2)}]"
    )


def _difference(pairs: list[tuple[list[Row], list[Row]]], key: str, digits: int) -> str:
    differences = [_values(b, key) - _values(a, key) for a, b in pairs]
    mean, half = _mean_and_half_width([d for d in differences if not math.isnan(d)])
    text = signed(mean, digits)
    return text if math.isnan(half) else f"{text} [{signed(mean - half, digits)}, {signed(mean + half, digits)}]"


def _mean_and_half_width(found: list[float]) -> tuple[float, float]:
    n = len(found)
    if n < 2:
        return (found[0] if found else math.nan), math.nan
    return float(np.mean(found)), float(student.ppf(0.975, n - 1) * np.std(found, ddof=1) / math.sqrt(n))


def _geometric_mean(ratios: list[float]) -> float:
    return float(np.exp(np.mean(np.log(ratios))))


_COLUMNS = (("test_spearman", 5), ("test_score_rmse", 5), ("library_spearman", 5), ("library_hit_overlap_1pct", 3),
            ("library_score_rmse", 5))  # fmt: skip


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

"""Which signals tell wrong scores, and how often scores are wrong inside, at the edge of and outside what models know.

    python bench/applicability.py [--models bench/out/applicability] [--out bench/out]

Trains the models that are not there yet (bench/applicability_models.py, some ten minutes), asks them about the
molecules that they were tested on and about two libraries, and writes a Markdown table for each mark of
docs/applicability.md. The bounds of molq were stated beforehand; others are chosen on three sets and tested on five.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from applicability_models import SOURCES, SPLITS, Source, made
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

from molq.chem.featurize import featurize
from molq.chem.fingerprints import packed_morgan_fingerprints, tanimoto
from molq.chem.packed import PackedGraphs
from molq.chem.table import read_table
from molq.data.labels import load_dataset, read_labelled
from molq.data.locate import locate
from molq.engine.engine import Engine
from molq.engine.environment_set import atom_environments
from molq.metrics.ranking import roc_auc
from molq.store.molqfile import Loaded, load
from molq.training.record import recorded_split
from molq.workflows.applicability import verdict
from molq.workflows.applicability.remembered import training_set
from molq.workflows.applicability.training_molecules import N_BITS, RADIUS
from molq.workflows.applicability.verdict import verdict_of

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
"""least similarity inside, and at the edge; most unseen atoms inside, and at the edge"""
KINDS = ((True, "classifiers"), (False, "regression"))
LIBRARIES = ("zinc-sample", "moses-test")
VERDICTS = ("inside", "edge", "outside")
SURE = 0.8
INT8_BYTES = 344_000
"""of a D-MPNN of chemprop's size, as README.md shows"""
WRONG_SPREADS = 0.5
"""a value is wrong when it is off by so many standard deviations of the training labels"""
SIGNALS = (
    "nearest",
    "nearest 3",
    "nearest 5",
    "unseen r1",
    "unseen r2",
    "unseen r3",
    "count r1",
    "spread",
    "near 0.5",
    "size",
)
TOGETHER = (
    ("near 0.5",),
    ("nearest",),
    ("unseen r2",),
    ("spread",),
    ("nearest", "unseen r2"),
    ("near 0.5", "nearest", "unseen r2"),
    ("near 0.5", "spread"),
    ("near 0.5", "nearest", "unseen r2", "spread"),
    ("nearest", "unseen r2", "spread"),
)


class Asked(NamedTuple):
    """n molecules that a model did not see, what is known of them, and how wrong its scores are."""

    source: Source
    split: str
    seed: int
    is_classifier: bool
    signals: Floats
    """[n, len(SIGNALS)], larger the less a score should be believed; NaN where there is none"""
    similarity: Floats
    error: Floats
    """[n] distance of a probability from its label; of a value in spreads of the training labels"""
    scores: Floats
    labels: Floats

    def unseen(self, radius: int) -> Floats:
        """[n] share of atoms whose environment of that radius is unseen."""
        share: Floats = self.signals[:, SIGNALS.index(f"unseen r{radius}")]
        return share

    @property
    def metric(self) -> str:
        """ROC-AUC, or RMSE in spreads of the training labels."""
        if self.is_classifier:
            return f"AUC {roc_auc(self.labels, self.scores):.2f}"
        return f"RMSE {np.sqrt((self.error**2).mean()):.2f} sd"

    @property
    def wrong(self) -> NDArray[np.bool_]:
        return self.error > (0.5 if self.is_classifier else WRONG_SPREADS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("bench/out/applicability"))
    parser.add_argument("--out", type=Path, default=Path("bench/out"))
    options = parser.parse_args()
    options.models.mkdir(parents=True, exist_ok=True)
    options.out.mkdir(parents=True, exist_ok=True)
    asked = [ask(options.models, source, split, seed) for source, (split, seed) in itertools.product(SOURCES, SPLITS)]
    tables: dict[str, Callable[[], list[str]]] = {
        "signals": lambda: signal_table(asked),
        "together": lambda: together_table(asked),
        "similarity": lambda: similarity_table(asked),
        "bounds": lambda: bounds_table(asked),
        "expected": lambda: expected_table(asked),
        "verdicts": lambda: verdict_table(asked),
        "sure": lambda: sure_table(asked),
        "libraries": lambda: library_table(options.models),
        "bytes": lambda: bytes_table(options.models),
    }
    for name, table in tables.items():
        text = "\n".join(table())
        print(text, end="\n\n", flush=True)
        (options.out / f"applicability-{name}.md").write_text(text + "\n", encoding="utf-8")


def ask(folder: Path, source: Source, split: str, seed: int) -> Asked:
    """The held-out molecules of a model, with all signals."""
    model = load(made(folder, source, split, seed))
    labelled = read_labelled(folder / f"{source.dataset}.csv", tasks=[source.task], kind=model.network.kind)
    sides = recorded_split(model.card.training, labelled)
    assert sides is not None
    train, test = labelled.subset(sides.train), labelled.subset(sides.test)
    scores, spread = Engine(model.network, spread=True).scores(test.graphs).T.astype(float)
    labels = test.labels[:, 0].astype(float)
    error = np.abs(scores - labels)
    is_classifier = model.network.kind == "classification"
    if not is_classifier:
        error = error / train.labels[:, 0].std()
    near = similarities(test.smiles, train.smiles)
    unseen = [~held(test.graphs, train.graphs, radius) for radius in (1, 2, 3)]
    shares = [np.add.reduceat(one.astype(float), test.graphs.atom_ptr[:-1]) for one in unseen]
    n_atoms = np.diff(test.graphs.atom_ptr)
    signals = np.stack(
        [
            -near[:, 0],
            -near[:, :3].mean(1),
            -near.mean(1),
            *(share / n_atoms for share in shares),
            shares[0],
            spread,
            -np.abs(scores - 0.5) if is_classifier else np.full(len(scores), np.nan),
            n_atoms.astype(float),
        ],
        axis=1,
    )
    return Asked(source, split, seed, is_classifier, signals, near[:, 0], error, scores, labels)


def similarities(smiles: Sequence[str], reference: Sequence[str]) -> Floats:
    """[n, 5] Tanimoto similarities to the nearest five, the nearest first."""
    table = tanimoto(*(packed_morgan_fingerprints(list(part), n_bits=N_BITS) for part in (smiles, reference)))
    return np.sort(table, axis=1)[:, :-6:-1].astype(float)


def held(graphs: PackedGraphs, reference: PackedGraphs, radius: int) -> NDArray[np.bool_]:
    """[N] whether the reference has the environment of each atom, counted exactly."""
    return np.isin(atom_environments(graphs, radius), atom_environments(reference, radius))


def signal_table(asked: Sequence[Asked]) -> list[str]:
    """How well each signal tells wrong scores from right ones, per set and over all."""
    lines = [
        "| set | wrong | " + " | ".join(SIGNALS) + " |",
        "|---|---:|" + "---:|" * len(SIGNALS),
    ]
    means = []
    for source in SOURCES:
        runs = [one for one in asked if one.source == source]
        aucs = np.array([[auc(one.wrong, column) for column in one.signals.T] for one in runs])
        means.append(aucs.mean(0))
        rate = np.concatenate([one.wrong for one in runs]).mean()
        lines.append(f"| {source.dataset} | {rate:.0%} | " + " | ".join(map(number, means[-1])) + " |")
    table = np.array(means)
    lines.append("| mean of sets | | " + " | ".join(number(np.nanmean(column)) for column in table.T) + " |")
    low, high = set_bootstrap(table)
    lines.append("| 95% over sets | | " + " | ".join(f"{a:.2f}–{b:.2f}" for a, b in zip(low, high, strict=True)) + " |")
    return lines


def auc(wrong: NDArray[np.bool_], signal: Floats) -> float:
    if np.isnan(signal).any() or wrong.all() or not wrong.any():
        return float("nan")
    return float(roc_auc(wrong.astype(float), signal))


def set_bootstrap(table: Floats, n: int = 2000) -> tuple[Floats, Floats]:
    """Percentile bounds of column means when sets [s, k] are drawn with replacement."""
    rng = np.random.default_rng(0)
    draws = np.array([nan_means(table[rng.integers(0, len(table), len(table))]) for _ in range(n)])
    return np.nanpercentile(draws, 2.5, axis=0), np.nanpercentile(draws, 97.5, axis=0)


def nan_means(table: Floats) -> Floats:
    counted = (~np.isnan(table)).sum(0)
    return np.where(counted > 0, np.nansum(table, axis=0) / np.maximum(counted, 1), np.nan)


def together_table(asked: Sequence[Asked]) -> list[str]:
    """What signals tell together: a logistic regression on the sets chosen on, asked about the others."""
    lines = ["| signals | classifiers | regression |", "|---|---:|---:|"]
    for names in TOGETHER:
        places = [SIGNALS.index(name) for name in names]
        cells = []
        for kind in (True, False):
            runs = [one for one in asked if one.is_classifier == kind]
            if np.isnan(runs[0].signals[:, places]).any():
                cells.append("–")
                continue
            learnt = [one for one in runs if one.source.chosen_on]
            fitted = LogisticRegression().fit(
                np.concatenate([ranks(one.signals[:, places]) for one in learnt]),
                np.concatenate([one.wrong for one in learnt]),
            )
            aucs = [
                auc(one.wrong, fitted.decision_function(ranks(one.signals[:, places])))
                for one in runs
                if not one.source.chosen_on
            ]
            cells.append(f"{np.mean(aucs):.3f}")
        lines.append(f"| {' + '.join(names)} | " + " | ".join(cells) + " |")
    return lines


def ranks(signals: Floats) -> Floats:
    """Each column of a set as ranks from 0 to 1, for units differ between models."""
    return np.argsort(np.argsort(signals, axis=0, kind="stable"), axis=0) / len(signals)


def similarity_table(asked: Sequence[Asked]) -> list[str]:
    """Wrong scores by similarity to the nearest training molecule."""
    edges = (0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0001)
    lines = ["| similarity | classifiers: n | wrong | of expected | regression: n | wrong | of expected |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for low, high in itertools.pairwise(edges):
        cells = []
        for kind, _ in KINDS:
            runs = [one for one in asked if one.is_classifier == kind]
            within = [(one.similarity >= low) & (one.similarity < high) for one in runs]
            wrong = np.concatenate([one.wrong[at] for one, at in zip(runs, within, strict=True)])
            cells += [f"{len(wrong):,}", rate(wrong), of_expected(runs, within)]
        lines.append(f"| {low:.1f} to {min(high, 1):.1f} | " + " | ".join(cells) + " |")
    return lines


def of_expected(runs: Sequence[Asked], chosen: Sequence[NDArray[np.bool_]]) -> str:
    """Wrong scores among the chosen molecules over those that the rate of each run would give.

    With a 95% interval by drawing molecules of every run with replacement.
    """
    found = [(one.wrong, at) for one, at in zip(runs, chosen, strict=True) if at.any()]
    if sum(at.sum() for _, at in found) < 10:
        return "–"
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(500):
        places = [rng.integers(0, len(at), len(at)) for _, at in found]
        draws.append(ratio([(wrong[i], at[i]) for (wrong, at), i in zip(found, places, strict=True)]))
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{ratio(found):.2f} [{low:.2f}, {high:.2f}]"


def ratio(found: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> float:
    expected = sum(wrong.mean() * at.sum() for wrong, at in found)
    return float(sum(wrong[at].sum() for wrong, at in found) / max(expected, 1e-9))


def bounds_table(asked: Sequence[Asked]) -> list[str]:
    """The bounds that tell most on the sets they are chosen on: for similarity, for unseen atoms, and for both."""
    chosen_on = [one for one in asked if one.source.chosen_on]
    tested_on = [one for one in asked if not one.source.chosen_on]
    similarities = pairs(np.arange(0.2, 0.81, 0.05))
    shares = [(few, many) for many, few in pairs(np.arange(0.0, 0.96, 0.05))]
    lines = [
        "| bounds on | radius | inside | outside | told, chosen on | told, others |",
        "|---|---:|---|---|---:|---:|",
    ]
    alone = [(a, b, 1.0, 1.0) for a, b in similarities]
    lines.append(bounds_row("similarity alone", RADIUS, alone, chosen_on, tested_on))
    for radius in (1, 2, 3):
        grid = [(0.0, 0.0, few, many) for few, many in shares]
        lines.append(bounds_row("unseen atoms alone", radius, grid, chosen_on, tested_on))
    for radius in (1, 2, 3):
        grid = [(*near, *share) for near, share in itertools.product(similarities, shares)]
        lines.append(bounds_row("both", radius, grid, chosen_on, tested_on))
    for name, bounds in (
        ("similarity alone, 0.5, 0.3", (0.5, 0.3, 1.0, 1.0)),
        ("unseen alone, 20%, 50%", (0.0, 0.0, 0.2, 0.5)),
    ):
        lines.append(bounds_row(name, RADIUS, [bounds], chosen_on, tested_on, least=0.0))
    here = (verdict.INSIDE_SIMILARITY, verdict.OUTSIDE_SIMILARITY, verdict.INSIDE_UNSEEN, verdict.OUTSIDE_UNSEEN)
    lines.append(bounds_row("**those of molq**", RADIUS, [here], chosen_on, tested_on, least=0.0))
    return lines


def bounds_row(
    name: str,
    radius: int,
    grid: Sequence[Bounds],
    chosen_on: Sequence[Asked],
    tested_on: Sequence[Asked],
    least: float = 0.1,
) -> str:
    """The best of a grid."""
    gains = [gain(chosen_on, bounds, radius, least) for bounds in grid]
    best = grid[int(np.argmax(gains))]
    inside, outside, few, many = best
    told = [max(gains), gain(tested_on, best, radius, least=0.0)]
    said = [f"≥ {inside:.2f}, unseen ≤ {few:.0%}", f"< {outside:.2f} or unseen > {many:.0%}"]
    return f"| {name} | {radius} | " + " | ".join([*said, *(f"{1000 * bits:.1f}" for bits in told)]) + " |"


def pairs(values: Floats) -> list[tuple[float, float]]:
    """(high, low) of all pairs that differ by a tenth at least."""
    return [(float(b), float(a)) for a, b in itertools.combinations(values, 2) if b - a > 0.099]


def gain(asked: Sequence[Asked], bounds: Bounds, radius: int, least: float = 0.1) -> float:
    """Bits about being wrong that the verdict tells of a molecule, mean over sets.

    −1 where a verdict is given to a smaller share of molecules than ``least``.
    """
    told, given = [], []
    for source in dict.fromkeys(one.source for one in asked):
        runs = [one for one in asked if one.source == source]
        wrong = np.concatenate([one.wrong for one in runs])
        verdicts = np.concatenate([classes(one.similarity, one.unseen(radius), bounds) for one in runs])
        told.append(entropy(wrong) - sum((verdicts == v).mean() * entropy(wrong[verdicts == v]) for v in range(3)))
        given.append(np.bincount(verdicts, minlength=3) / len(verdicts))
    return -1.0 if np.mean(given, axis=0).min() < least else float(np.mean(told))


def classes(similarity: Floats, unseen: Floats, bounds: Bounds) -> NDArray[np.int64]:
    """0 inside, 1 edge, 2 outside."""
    inside, outside, few, many = bounds
    is_outside = (similarity < outside - 1e-9) | (unseen > many + 1e-9)
    is_inside = (similarity >= inside - 1e-9) & (unseen <= few + 1e-9) & ~is_outside
    return np.where(is_inside, 0, np.where(is_outside, 2, 1))


def entropy(wrong: NDArray[np.bool_]) -> float:
    if not len(wrong) or wrong.all() or not wrong.any():
        return 0.0
    p = wrong.mean()
    return float(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


def verdicts_of(one: Asked) -> NDArray[np.str_]:
    return np.array([verdict_of(a, b) for a, b in zip(one.similarity, one.unseen(RADIUS), strict=True)])


def verdict_table(asked: Sequence[Asked]) -> list[str]:
    """Wrong scores by verdict, per set and over the sets of a kind."""
    lines = ["| set | split | metric | n | inside | edge | outside | wrong inside | wrong edge | wrong outside |"]
    lines.append("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for source, split in itertools.product(SOURCES, dict.fromkeys(name for name, _ in SPLITS)):
        runs = [one for one in asked if one.source == source and one.split == split]
        lines.append(verdict_row(source.dataset, split, runs))
    for kind, said in KINDS:
        lines.append(verdict_row(f"**{said}**", "all", [one for one in asked if one.is_classifier == kind]))
    return lines


def expected_table(asked: Sequence[Asked]) -> list[str]:
    """Wrong scores by verdict over those at each set's own rate."""
    lines = ["| sets | n | inside | edge | outside |", "|---|---:|---:|---:|---:|"]
    for (kind, said), split in itertools.product(KINDS, [*dict.fromkeys(name for name, _ in SPLITS), "all"]):
        runs = [one for one in asked if one.is_classifier == kind and split in (one.split, "all")]
        told = [verdicts_of(one) for one in runs]
        cells = [of_expected(runs, [one == v for one in told]) for v in VERDICTS]
        lines.append(f"| {said}, {split} | {sum(map(len, told)):,} | " + " | ".join(cells) + " |")
    return lines


def verdict_row(name: str, split: str, runs: Sequence[Asked]) -> str:
    wrong = np.concatenate([one.wrong for one in runs])
    told = np.concatenate([verdicts_of(one) for one in runs])
    shares = [f"{(told == v).mean():.0%}" for v in VERDICTS]
    rates = [rate(wrong[told == v]) for v in VERDICTS]
    metric = runs[0].metric if len(runs) == 1 else "–"
    return f"| {name} | {split} | {metric} | {len(wrong):,} | " + " | ".join([*shares, *rates]) + " |"


def sure_table(asked: Sequence[Asked]) -> list[str]:
    """Of molecules that classifiers are sure of, how many they are right about, by verdict."""
    lines = ["| set | scores | n | right | inside | edge | outside |", "|---|---|---:|---:|---:|---:|---:|"]
    classifiers = list(dict.fromkeys(one.source for one in asked if one.is_classifier))
    for sources, is_active in itertools.product([*([source] for source in classifiers), classifiers], (True, False)):
        runs = [one for one in asked if one.source in sources]
        sure = [one.scores >= SURE if is_active else one.scores <= 1 - SURE for one in runs]
        right = np.concatenate([~one.wrong[at] for one, at in zip(runs, sure, strict=True)])
        told = np.concatenate([verdicts_of(one)[at] for one, at in zip(runs, sure, strict=True)])
        name = sources[0].dataset if len(sources) == 1 else "**all**"
        rates = [rate(right), *(rate(right[told == v]) for v in VERDICTS)]
        said = f"≥ {SURE}" if is_active else f"≤ {1 - SURE:.1f}"
        lines.append(f"| {name} | {said} | {len(right):,} | " + " | ".join(rates) + " |")
    return lines


def library_table(folder: Path) -> list[str]:
    """Verdicts on molecules of libraries, and what classifiers call active among them."""
    lines = ["| model of | library | inside | edge | outside | median similarity | scores ≥ 0.5 | of them outside |"]
    lines.append("|---|---|---:|---:|---:|---:|---:|---:|")
    for source, name in itertools.product(SOURCES, LIBRARIES):
        model = load(made(folder, source, *SPLITS[-1]))
        smiles = read_table(locate(name)).read_smiles
        smiles = [smiles[i] for i in np.random.default_rng(0).permutation(len(smiles))[:2_000]]
        similarity, unseen, scores = of_library(folder, source, model, smiles)
        told = np.array([verdict_of(a, b) for a, b in zip(similarity, unseen, strict=True)])
        shares = [f"{(told == v).mean():.1%}" for v in VERDICTS]
        is_classifier = model.network.kind == "classification"
        active = scores >= 0.5
        called = [f"{active.mean():.1%}" if is_classifier else "–"]
        called.append(f"{(told[active] == 'outside').mean():.1%}" if is_classifier and active.any() else "–")
        cells = [source.dataset, name, *shares, f"{np.median(similarity):.2f}", *called]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def of_library(folder: Path, source: Source, model: Loaded, smiles: list[str]) -> tuple[Floats, Floats, Floats]:
    """Similarity, share of unseen atoms and score of each molecule that can be read."""
    labelled = read_labelled(folder / f"{source.dataset}.csv", tasks=[source.task], kind=model.network.kind)
    sides = recorded_split(model.card.training, labelled)
    assert sides is not None
    train = labelled.subset(sides.train)
    found = featurize(smiles)
    near = similarities([smiles[i] for i in found.index], train.smiles)[:, 0]
    unseen = (~held(found.graphs, train.graphs, RADIUS)).astype(float)
    share = np.add.reduceat(unseen, found.graphs.atom_ptr[:-1]) / np.diff(found.graphs.atom_ptr)
    return near, share, Engine(model.network).scores(found.graphs)[:, 0].astype(float)


def bytes_table(folder: Path) -> list[str]:
    """What remembering a training set adds to a file: the sets of above, and two whole ones."""
    lines = ["| trained on | molecules | bytes of (fingerprints) | of (environments) | a molecule | of an int8 file |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    sets = [(s.dataset, read_labelled(folder / f"{s.dataset}.csv", tasks=[s.task])) for s in SOURCES]
    sets += [(f"{name}, whole", load_dataset(name)) for name in ("tox21", "hiv")]
    for name, labelled in sets:
        known = training_set(labelled.smiles, labelled.graphs)
        held = (
            f"{known.fingerprint_bytes:,} ({known.fingerprints:,})",
            f"{known.environment_bytes:,} ({known.environments:,})",
        )
        shares = f"{known.n_bytes / known.molecules:.1f} bytes", f"{known.n_bytes / INT8_BYTES:.0%}"
        lines.append(f"| {name} | {known.molecules:,} | " + " | ".join([*held, *shares]) + " |")
    return lines


def rate(found: NDArray[np.bool_]) -> str:
    """A share with its 95% interval (Clopper and Pearson 1934); – of less than ten."""
    n, k = len(found), int(found.sum())
    if n < 10:
        return f"– (n = {n})"
    low = 0.0 if k == 0 else beta.ppf(0.025, k, n - k + 1)
    high = 1.0 if k == n else beta.ppf(0.975, k + 1, n - k)
    return f"{k / n:.0%} [{low:.0%}, {high:.0%}]"


def number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


if __name__ == "__main__":
    main()

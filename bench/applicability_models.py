"""The models that bench/applicability.py asks: small ensembles on public sets, on splits that hold 40% out.

    python bench/applicability_models.py [--models bench/out/applicability]

Writes NAME.csv for each set, at most ROWS molecules of it, and NAME-SPLIT-SEED.molq; what is there already is kept.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

import molq
from molq.data.labels import load_dataset

ROWS = 1_600
SEEN, WIDTH, MEMBERS = 48_000, 100, 3
"""molecules that pass in training, over all epochs: as many for small sets as for large ones"""
FRACTIONS = (0.6, 0.1, 0.3)
SPLITS = (("scaffold", 0), ("random", 0))


class Source(NamedTuple):
    """A task of a registered set."""

    dataset: str
    task: str
    chosen_on: bool
    """whether thresholds are chosen on it, or tested"""


SOURCES = (
    Source("bace", "Class", True),
    Source("tox21", "NR-AhR", True),
    Source("lipophilicity", "exp", True),
    Source("bbbp", "p_np", False),
    Source("hiv", "HIV_active", False),
    Source("clintox", "CT_TOX", False),
    Source("esol", "measured log solubility in mols per litre", False),
    Source("freesolv", "expt", False),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("bench/out/applicability"))
    folder = parser.parse_args().models
    folder.mkdir(parents=True, exist_ok=True)
    for split, seed in SPLITS:  # a full round of sets first, so that an interrupted run is of use
        for source in SOURCES:
            made(folder, source, split, seed)


def made(folder: Path, source: Source, split: str, seed: int) -> Path:
    """The .molq file, trained now where it is not there."""
    path = folder / f"{source.dataset}-{split}-{seed}.molq"
    if not path.exists():
        started = time.perf_counter()
        molecules = table(folder, source)
        n_rows = molecules.read_text(encoding="utf-8").count("\n") - 1
        model = molq.train(
            molecules,
            tasks=[source.task],
            name=path.stem,
            split=split,
            split_seed=seed,
            fractions=FRACTIONS,
            d_h=WIDTH,
            members=MEMBERS,
            epochs=round(SEEN / n_rows),
        )
        model.save(path)
        print(f"{path.stem}: {time.perf_counter() - started:.0f} s, {model.card.metrics}", file=sys.stderr, flush=True)
    return path


def table(folder: Path, source: Source) -> Path:
    """The molecules of a set with a label of the task, at most ROWS: as many of each class as there are, drawn."""
    path = folder / f"{source.dataset}.csv"
    if not path.exists():
        labelled = load_dataset(source.dataset, [source.task])
        labels = labelled.labels[:, 0]
        kept = np.flatnonzero(~np.isnan(labels))
        rng = np.random.default_rng(0)
        if len(kept) > ROWS and labelled.kind == "classification":
            kept = np.concatenate([rng.permutation(kept[labels[kept] == y])[: ROWS // 2] for y in (0, 1)])
            kept = kept[:ROWS]
        kept = np.sort(rng.permutation(kept)[:ROWS])
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["smiles", source.task])
            writer.writerows((labelled.smiles[i], f"{labels[i]:.9g}") for i in kept)
    return path


if __name__ == "__main__":
    main()

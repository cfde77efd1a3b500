"""molq train against chemprop train: the same splits, epochs and machine; test ROC-AUC and wall time of the commands.

    python bench/train_vs_chemprop.py                                  # the full run
    python bench/train_vs_chemprop.py --datasets bace --seeds 1 --epochs 5

Seed s makes the scaffold-balanced split, and the weights and batches of both programs. Both read one CSV whose column
says train, val or test. Each command runs alone, start-up and test predictions included; the two take turns at going
first. Runs already in --out are not repeated, so an interrupted benchmark goes on where it stopped.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import t as student

from molq.data.labels import LabelledSet, load_dataset, read_labelled
from molq.data.splits import Split, make_split
from molq.metrics.ranking import roc_auc
from molq.store.molqfile import load
from molq.training.forward import scores_of


@dataclass(frozen=True)
class Run:
    """One command on one split."""

    dataset: str
    seed: int
    program: str
    epochs: int
    wall_s: float
    cpu_s: float
    test_roc_auc: float
    n_test: int


def main() -> None:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    log = options.out / "runs.jsonl"
    runs = [Run(**json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []
    for name in options.datasets.split(","):
        dataset = load_dataset(name)
        for seed in range(options.seeds):
            table, split = _write_table(dataset, seed, options.out)
            programs = ("molq", "chemprop") if seed % 2 else ("chemprop", "molq")
            for program in programs:
                if any((r.dataset, r.seed, r.program, r.epochs) == (name, seed, program, options.epochs) for r in runs):
                    continue
                run = _measure(program, dataset, table, split, seed, options.epochs, options.out)
                runs.append(run)
                with log.open("a") as stream:
                    stream.write(json.dumps(asdict(run)) + "\n")
                print(run, file=sys.stderr, flush=True)
    _report(
        [r for r in runs if r.epochs == options.epochs and r.dataset in options.datasets.split(",")], options.epochs
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", default="bbbp,bace", help="single-task classification sets, comma between")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--out", type=Path, default=Path("bench/out/train_vs_chemprop"))
    return parser.parse_args()


def _write_table(dataset: LabelledSet, seed: int, out: Path) -> tuple[Path, Split]:
    """A CSV of the molecules both programs accept: smiles, label, split."""
    split = make_split(dataset.smiles, "scaffold-balanced", seed)
    side = np.full(len(dataset), "train", dtype=object)
    side[split.valid], side[split.test] = "val", "test"
    path = out / f"{dataset.name}_{seed}.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["smiles", "label", "split"])
        writer.writerows(zip(dataset.smiles, dataset.labels[:, 0].astype(int), side, strict=True))
    return path, split


def _measure(program: str, dataset: LabelledSet, table: Path, split: Split, seed: int, epochs: int, out: Path) -> Run:
    where = out / f"{dataset.name}_{seed}_{program}"
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    bin_folder = Path(sys.executable).parent
    if program == "molq":
        command = f"{bin_folder}/molq train {table} --task label --split-column split --seed {seed} --epochs {epochs}"
        command += f" -o {where}/model.molq --json"
    else:
        command = f"{bin_folder}/chemprop train -i {table} -s smiles --target-columns label --splits-column split"
        command += f" -t classification --epochs {epochs} --pytorch-seed {seed} --data-seed {seed} -o {where}"
    wall_s, cpu_s = _time(command.split(), where / "log")
    scores = _molq_scores(where, table, split) if program == "molq" else _chemprop_scores(where, dataset, split)
    auc = roc_auc(dataset.labels[split.test, 0], scores)
    return Run(dataset.name, seed, program, epochs, wall_s, cpu_s, auc, len(split.test))


def _time(command: list[str], log: Path) -> tuple[float, float]:
    """Wall and CPU seconds of ``command`` and its children."""
    with log.open("w") as stream:
        start = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, stream.fileno(), 1), (os.POSIX_SPAWN_DUP2, stream.fileno(), 2)]
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        wall_s = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} failed; see {log}")
    return wall_s, usage.ru_utime + usage.ru_stime


def _molq_scores(where: Path, table: Path, split: Split) -> NDArray[np.float64]:
    held_out = read_labelled(table, tasks=["label"]).subset(split.test)
    return scores_of(load(where / "model.molq").network, held_out.graphs)[:, 0].astype(np.float64)


def _chemprop_scores(where: Path, dataset: LabelledSet, split: Split) -> NDArray[np.float64]:
    with (where / "model_0" / "test_predictions.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    if [row["smiles"] for row in rows] != [dataset.smiles[i] for i in split.test]:
        raise SystemExit(f"{where}: chemprop's test molecules are not those of the split")
    return np.array([float(row["label"]) for row in rows])


def _report(runs: list[Run], epochs: int) -> None:
    console = Console(width=120)
    by_key = {(r.dataset, r.seed, r.program): r for r in runs}
    pairs = [(r, by_key[r.dataset, r.seed, "molq"]) for r in runs if r.program == "chemprop"]
    console.print(
        f"{epochs} epochs, scaffold-balanced split of seed s, {os.cpu_count()} cores, "
        f"OMP_NUM_THREADS {os.environ.get('OMP_NUM_THREADS', 'unset')}, load {os.getloadavg()[2]:.1f}"
    )
    each = Table(
        "data set", "seed", "n test", "chemprop AUC", "molq AUC", "difference", "chemprop s", "molq s", "ratio"
    )
    for theirs, ours in sorted(pairs, key=lambda pair: (pair[0].dataset, pair[0].seed)):
        each.add_row(
            theirs.dataset,
            str(theirs.seed),
            str(theirs.n_test),
            f"{theirs.test_roc_auc:.4f}",
            f"{ours.test_roc_auc:.4f}",
            f"{ours.test_roc_auc - theirs.test_roc_auc:+.4f}",
            f"{theirs.wall_s:.1f}",
            f"{ours.wall_s:.1f}",
            f"{ours.wall_s / theirs.wall_s:.2f}",
        )
    console.print(each)
    names = sorted({r.dataset for r in runs})
    total = Table("data set", "chemprop AUC", "molq AUC", "difference (95% over seeds)", "wall ratio", "CPU ratio")
    for name in [*names, "all"] if len(names) > 1 else names:
        chosen = [pair for pair in pairs if name in ("all", pair[0].dataset)]
        all_theirs, all_ours = zip(*chosen, strict=True)
        total.add_row(
            name,
            f"{np.mean([r.test_roc_auc for r in all_theirs]):.4f}",
            f"{np.mean([r.test_roc_auc for r in all_ours]):.4f}",
            _mean_with_interval([b.test_roc_auc - a.test_roc_auc for a, b in chosen]),
            f"{sum(r.wall_s for r in all_ours) / sum(r.wall_s for r in all_theirs):.2f}",
            f"{sum(r.cpu_s for r in all_ours) / sum(r.cpu_s for r in all_theirs):.2f}",
        )
    console.print(total)


def _mean_with_interval(differences: list[float]) -> str:
    mean, n = np.mean(differences), len(differences)
    if n < 2:
        return f"{mean:+.4f} (one seed, no interval)"
    half = student.ppf(0.975, n - 1) * np.std(differences, ddof=1) / np.sqrt(n)
    return f"{mean:+.4f} [{mean - half:+.4f}, {mean + half:+.4f}]"


if __name__ == "__main__":
    main()

"""Kinds of models, each trained by chemprop, imported, held against chemprop, and studied in int8 and w4a8.

    python bench/kinds.py                 # trains and studies what bench/out/kinds lacks: ten minutes of one core
    python bench/kinds.py --kinds mve     # one of them

chemprop and the study share a scaffold-balanced split, so the test molecules were seen by neither training nor
calibration. Parity is the largest difference of any column from chemprop's own on them, over the spread of that column.
Writes bench/out/kinds.md, a table of docs/models.md.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import molq
from molq.data.labels import load_dataset, read_labelled
from molq.data.splits import make_split
from molq.report.numbers import METRIC_NAMES, decimal, interval, kilobytes, signed_interval, times
from molq.results.study import Study, Variant, read_study

OUT = Path(__file__).resolve().parent / "out"
SCHEMES = ("int8", "w4a8")
SPREADS = ("error_spearman", "sparsification", "nll")
F64 = NDArray[np.float64]
Estimate = Callable[[str], list[F64]]
"""name of an estimator of chemprop → its predictions and uncertainties, [n, 1] or [n, 1, classes] each"""


class Kind(NamedTuple):
    """A head, what it is trained on and takes, and the columns that chemprop's estimators make of it."""

    task_type: str
    dataset: str
    epochs: int
    columns: Callable[[Estimate], list[F64]]
    n_classes: int | None = None
    featurizers: tuple[str, ...] = ()
    """molecule features"""
    is_scaled: bool = True
    options: tuple[str, ...] = ()
    """of chemprop train, besides"""


def _values(of: Estimate) -> list[F64]:
    return [of("none")[0]]


def _mve(of: Estimate) -> list[F64]:
    mean, variance = of("mve")
    return [mean, np.sqrt(variance)]


def _evidential(of: Estimate) -> list[F64]:
    found = [of(f"evidential-{part}") for part in ("total", "aleatoric", "epistemic")]
    return [found[0][0], *(np.sqrt(variance) for _, variance in found)]


def _quantile(of: Estimate) -> list[F64]:
    mean, half = of("quantile-regression")
    return [mean, mean - half, mean + half]


def _dirichlet(of: Estimate) -> list[F64]:
    return of("classification-dirichlet")


def _classes(of: Estimate) -> list[F64]:
    return [of("none")[0][:, 0]]


def _dirichlet_classes(of: Estimate) -> list[F64]:
    classes, uncertainty = of("multiclass-dirichlet")
    return [classes[:, 0], uncertainty]


KINDS = {
    "mve": Kind("regression-mve", "lipophilicity", 10, _mve),
    "evidential": Kind("regression-evidential", "esol", 20, _evidential),
    "quantile": Kind("regression-quantile", "esol", 20, _quantile),
    "dirichlet": Kind("classification-dirichlet", "bace", 20, _dirichlet),
    "multiclass": Kind("multiclass", "lipophilicity", 6, _classes, 3),
    "multiclass dirichlet": Kind("multiclass-dirichlet", "lipophilicity", 6, _dirichlet_classes, 3),
    "morgan_count": Kind("classification", "bace", 15, _values, featurizers=("morgan_count",)),
    "rdkit_2d": Kind("regression", "esol", 20, _values, featurizers=("rdkit_2d",)),
    "v1_rdkit_2d_normalized": Kind(
        "regression", "esol", 20, _values, featurizers=("v1_rdkit_2d_normalized",), is_scaled=False
    ),
    "explicit hydrogens": Kind("regression", "esol", 20, _values, options=("--add-h",)),
    "GELU": Kind("classification", "bace", 15, _values, options=("--activation", "GELU")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    lines = [
        "| kind, data | scheme | size | speed | parity | metric | change | ρ to errors | AUSE | NLL |",
        "|---|---|---:|---:|---:|---|---|---|---|---|",
    ]
    for name in parser.parse_args().kinds:
        lines += _rows(name, KINDS[name])
    text = "\n".join(lines) + "\n"
    (OUT / "kinds.md").write_text(text, encoding="utf-8")
    print(text)


def _rows(name: str, kind: Kind) -> list[str]:
    """A line of the table for each scheme."""
    folder = OUT / "kinds" / name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    table, tested = _write_table(folder, kind)
    checkpoint = folder / "train" / "model_0" / "best.pt"
    if not checkpoint.exists():
        _train(table, checkpoint, kind)
    model = molq.import_checkpoint(checkpoint)
    model.save(folder / "fp32.molq", force=True)
    results = folder / "study" / "results.json"
    if not results.exists():
        molq.study(
            table,
            folder / "study",
            tasks=["label"],
            model=folder / "fp32.molq",
            split="scaffold-balanced",
            schemes=SCHEMES,
            force=True,
        )
    study = read_study(results.read_bytes(), str(results))
    parity = _parity(model, checkpoint, tested, kind)
    return [_row(name, kind, study, variant, parity) for variant in study.variants]


def _write_table(folder: Path, kind: Kind) -> tuple[Path, list[str]]:
    """A CSV of smiles, label and side of the split, and the SMILES to test on; classes are parts of equal size."""
    dataset = load_dataset(kind.dataset)
    labels = dataset.labels[:, 0]
    if kind.n_classes:
        inner = np.quantile(labels, np.linspace(0, 1, kind.n_classes + 1)[1:-1])
        labels = np.digitize(labels, inner).astype(np.float32)
    split = make_split(dataset.smiles, "scaffold-balanced", 0, same=dataset.same)
    side = np.full(len(dataset), "train", dtype=object)
    side[split.valid], side[split.test] = "val", "test"
    path = folder / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["smiles", "label", "split"])
        writer.writerows((s, f"{y:g}", at) for s, y, at in zip(dataset.smiles, labels, side, strict=True))
    again = read_labelled(path, tasks=["label"])
    assert again.smiles == dataset.smiles, "the study would split the table otherwise"
    return path, [dataset.smiles[i] for i in split.test]


def _train(table: Path, checkpoint: Path, kind: Kind) -> None:
    command = [str(Path(sys.executable).parent / "chemprop"), "train", "-i", str(table), "-s", "smiles"]
    command += ["--target-columns", "label", "--splits-column", "split", "-t", kind.task_type]
    command += ["--epochs", str(kind.epochs), "--pytorch-seed", "0", "--accelerator", "cpu", "--num-workers", "0"]
    command += ["-o", str(checkpoint.parents[1])]
    command += kind.options
    if kind.featurizers:
        command += ["--molecule-featurizers", *kind.featurizers]
    if not kind.is_scaled:
        command += ["--no-descriptor-scaling"]
    if kind.n_classes:
        command += ["--multiclass-num-classes", str(kind.n_classes)]
    with (table.parent / "train.log").open("w") as log:
        subprocess.run(command, check=True, stdout=log, stderr=subprocess.STDOUT)


def _parity(model: molq.Model, checkpoint: Path, smiles: Sequence[str], kind: Kind) -> float:
    found = np.asarray(model.predict(smiles), np.float64).reshape(len(smiles), -1)
    expected = np.concatenate(kind.columns(partial(_estimated, checkpoint, smiles, kind)), axis=1)
    return float((np.abs(found - expected).max(axis=0) / np.ptp(expected, axis=0)).max())


def _estimated(checkpoint: Path, smiles: Sequence[str], kind: Kind, method: str) -> list[F64]:
    """What an estimator of chemprop says of the file's network."""
    import torch
    from chemprop import data, models
    from chemprop.featurizers.molecule import MoleculeFeaturizerRegistry
    from chemprop.uncertainty import UncertaintyEstimatorRegistry

    class Trainer:
        def predict(self, network: Any, loader: Any, **_options: object) -> list[Any]:
            return [network(batch.bmg, None, batch.X_d) for batch in loader]

    points = [data.MoleculeDatapoint.from_smi(text, add_h="--add-h" in kind.options) for text in smiles]
    made = [MoleculeFeaturizerRegistry[name]() for name in kind.featurizers]
    for point in points if made else ():
        point.x_d = np.nan_to_num(np.hstack([of(point.mol) for of in made]).astype(np.float64), posinf=np.inf)
    loader = data.build_dataloader(data.MoleculeDataset(points), batch_size=64, num_workers=0, shuffle=False)
    network = models.MPNN.load_from_file(checkpoint, map_location="cpu").eval()
    with torch.inference_mode():
        found = UncertaintyEstimatorRegistry[method]()(loader, [network], Trainer())
    return [part.mean(0).double().numpy() for part in found if part is not None]


def _row(name: str, kind: Kind, study: Study, variant: Variant, parity: float) -> str:
    accuracy, metric = variant.accuracy, study.statistics.metric
    is_reference = variant is study.variants[0]
    cells = [
        f"{name}, {kind.dataset}" if is_reference else "",
        variant.scheme,
        kilobytes(variant.size_bytes),
        times(variant.throughput.speedup),
        f"{parity:.1e}" if is_reference else "",
        f"{METRIC_NAMES[metric]} {interval(accuracy.metrics[metric])}",
        "" if is_reference else f"{signed_interval(accuracy.differences[metric])}, {accuracy.verdict}",
    ]
    for spread in SPREADS:
        if spread not in accuracy.metrics:
            cells.append("–")
        elif is_reference:
            cells.append(interval(accuracy.metrics[spread]))
        else:
            cells.append(f"{decimal(accuracy.metrics[spread].value)}: {signed_interval(accuracy.differences[spread])}")
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()

"""Few bits: quantization after training against quantization-aware training, on three data sets, three models each.

    python bench/low_bits.py                      # measures what bench/out/low_bits.jsonl lacks: 20 minutes of one core
    python bench/low_bits.py --datasets bace      # one data set

The fp32 models are the D-MPNNs that `python bench/study_models.py --architectures dmpnn --datasets bace bbbp clintox`
trains: seed s makes the split, the weights and, here, the calibration set and the order of molecules in fine-tuning.
Every quantized model is saved and loaded back, and scored by the engine on the test molecules. Writes
bench/out/low_bits.md, the table of docs/low_bits.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from study_models import MODELS, StudyModel

from molq.calibset.build import build
from molq.calibset.spec import CalibrationSpec
from molq.data.labels import LabelledSet, load_dataset
from molq.engine.engine import Engine
from molq.metrics.ranking import roc_auc, spearman, task_mean
from molq.quant.scheme import get_scheme
from molq.store.molqfile import load, save
from molq.training.record import recorded_split
from molq.workflows.precision.calibration import calibration_molecules
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded
from molq.workflows.tuning.fine_tune import fine_tune, molecules_of_split, tuning_settings

DATASETS = ("bace", "bbbp", "clintox")
SEEDS = (0, 1, 2)
EPOCHS = 20
CALIBRATION_SIZE = 200
PLAIN = "w2a8, nearest"
"""2 bits without a fit to the calibration set: what quantization-aware training can make up for"""
SCHEMES = {
    **{name: get_scheme(name) for name in ("int8", "w4a8", "w3a8", "w2a8")},
    PLAIN: get_scheme("w2a8").with_options(rounding="nearest", equalize=False, bias_correction=False),
}
OUT = Path(__file__).resolve().parent / "out"
RESULTS = OUT / "low_bits.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", nargs="+", choices=DATASETS, default=list(DATASETS))
    options = parser.parse_args()
    done = _results()
    for dataset in options.datasets:
        for seed in SEEDS:
            missing = [name for name in SCHEMES if (dataset, seed, name) not in {_key(row) for row in done}]
            for row in _measured(dataset, seed, missing) if missing else ():
                done.append(row)
                with RESULTS.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(row) + "\n")
                print(row, file=sys.stderr, flush=True)
    text = table(done)
    (OUT / "low_bits.md").write_text(text, encoding="utf-8")
    print(text)


def _measured(dataset: str, seed: int, schemes: list[str]) -> Iterator[dict[str, Any]]:
    """One row per scheme: size, and both ways' distance to the fp32 model on test molecules."""
    source = load(StudyModel(dataset, "dmpnn", seed).path(MODELS))
    labelled = load_dataset(dataset)
    split = recorded_split(source.card.training, labelled)
    assert split is not None
    pool = [labelled.smiles[i] for i in split.train]
    calibration = calibration_molecules(
        build(pool, CalibrationSpec("scaffold", CALIBRATION_SIZE, seed), labelled.smiles), source.network.recipe
    )
    test, lessons = labelled.subset(split.test), molecules_of_split(labelled, split)
    exact = Engine(source.network).scores(test.graphs)
    for name in schemes:
        made = quantize_loaded(source, SCHEMES[name], calibration)
        tuned = fine_tune(source, made, lessons, tuning_settings(EPOCHS, seed))
        yield {
            "dataset": dataset,
            "seed": seed,
            "scheme": name,
            "n_test": len(test),
            "fp32_bytes": source.size_bytes,
            "fp32_auc": task_mean(roc_auc, test.labels, exact),
            "best_epoch": tuned.tuning.members[0].best_epoch,
            "ptq": _against(exact, made, test),
            "qat": _against(exact, tuned.made, test),
        }


def _against(exact: NDArray[np.float32], made: QuantizedModel, test: LabelledSet) -> dict[str, float]:
    """The model as its file holds it, against the scores [n, T] of the fp32 model."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.molq"
        save(path, made.network, made.card)
        loaded = load(path)
    scores = Engine(loaded.network).scores(test.graphs)
    return {
        "bytes": loaded.size_bytes,
        "delta_auc": task_mean(roc_auc, test.labels, scores) - task_mean(roc_auc, test.labels, exact),
        "spearman": task_mean(spearman, exact, scores),
        "score_rmse": float(np.sqrt(np.mean((exact.astype(np.float64) - scores) ** 2))),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: one line per data set and scheme, and one per scheme over all; ``a → b`` is without and with QAT."""
    lines = [
        "| data set | scheme | size | of fp32 | Δ ROC-AUC, mean | worst | Spearman, mean | RMSE of scores | kept PTQ |",
        "|---|---|---:|---:|---|---|---|---|---:|",
    ]
    for dataset in (*DATASETS, "all"):
        for scheme in SCHEMES:
            chosen = [r for r in rows if r["scheme"] == scheme and dataset in (r["dataset"], "all")]
            if chosen:
                lines.append(_line(dataset, scheme, chosen))
    return "\n".join(lines) + "\n"


def _line(dataset: str, scheme: str, rows: list[dict[str, Any]]) -> str:
    size = mean(r["qat"]["bytes"] for r in rows)
    ratio = mean(r["qat"]["bytes"] / r["fp32_bytes"] for r in rows)
    cells = [
        dataset,
        scheme,
        f"{size / 1000:.1f} kB",
        f"{ratio:.3f}",
        _both(rows, "delta_auc", mean, "+.4f"),
        _both(rows, "delta_auc", min, "+.4f"),
        _both(rows, "spearman", mean, ".5f"),
        _both(rows, "score_rmse", mean, ".4f"),
        f"{sum(r['best_epoch'] == 0 for r in rows)} of {len(rows)}",
    ]
    return "| " + " | ".join(cells) + " |"


def _both(rows: list[dict[str, Any]], key: str, statistic: Any, style: str) -> str:
    before, after = (format(statistic(r[way][key] for r in rows), style) for way in ("ptq", "qat"))
    return f"{before} → {after}".replace("-0.0000", "0.0000").replace("+0.0000", "0.0000").replace("-", "−")


def _results() -> list[dict[str, Any]]:
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


def _key(row: dict[str, Any]) -> tuple[str, int, str]:
    return row["dataset"], row["seed"], row["scheme"]


if __name__ == "__main__":
    main()

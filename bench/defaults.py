"""What quantizing with the defaults costs: ROC-AUC, ranking and size, on six data sets and three training seeds.

    python bench/study_models.py        # the models, first
    python bench/defaults.py            # int8 and w4a8 of every model there is; then the tables
    python bench/defaults.py --report   # the tables alone

Each model is quantized as `molq calibset build TRAINING_MOLECULES` and `molq quantize --calibset` do with their
defaults, saved, and executed from the saved file: on the test molecules of its split with labels, and on 50,000
molecules of MOSES without. Measured variants are kept in --out and not measured again, unless the model or the scheme
has changed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from study_models import ARCHITECTURES, DATASETS, MODELS, SEEDS, StudyModel, dataset_of, study_models

from molq.calibset.build import build
from molq.chem.featurize import featurize
from molq.chem.recipe import PLAIN
from molq.data.draw import draw
from molq.data.sources import library_smiles
from molq.nn.judged import judge
from molq.quant.scheme import get_scheme
from molq.report.numbers import decimal, signed
from molq.report.table import Table
from molq.results.plain import plain
from molq.store.molqfile import load, read_header
from molq.training.record import recorded_split
from molq.workflows.compare.accuracy import AUC_MARGIN
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules
from molq.workflows.precision.quantized import QuantizedModel
from molq.workflows.study.hit_library import HitLibrary
from molq.workflows.study.settings import StudySettings
from molq.workflows.study.variants import Bench, make_reference, make_variant

SCHEMES = ("int8", "w4a8")
LIBRARY, LIBRARY_MOLECULES = "moses-test", 50_000
OUT = Path(__file__).resolve().parent / "out" / "defaults.jsonl"
LEAST_MEAN = {"int8": -0.002, "w4a8": -0.005}
LEAST_SINGLE, LEAST_OVERLAP, GREATEST_RATIO = -0.005, 0.95, 0.18

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the models")
    parser.add_argument("--datasets", nargs="*", choices=DATASETS)
    parser.add_argument("--architectures", nargs="*", choices=ARCHITECTURES)
    parser.add_argument("--out", type=Path, default=OUT, help="measured variants, one JSON object a line")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    models = [m for m in study_models(options.datasets, options.architectures) if m.path(options.models).exists()]
    known = {(r["name"], r["scheme"], r["model_hash"], r["definition"]) for r in rows}
    for model in models if not options.report else ():
        path = model.path(options.models)
        digest = read_header(path).content_hash
        missing = [s for s in SCHEMES if (model.name, s, digest, repr(get_scheme(s))) not in known]
        if missing:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            with options.out.open("a") as stream:
                for row in _measure(model, path, missing):
                    rows.append(row)
                    stream.write(json.dumps(row) + "\n")
    for architecture in options.architectures or ARCHITECTURES:
        print_report(architecture, [r for r in _latest(rows) if r["architecture"] == architecture])


def _measure(model: StudyModel, path: Path, schemes: list[str]) -> Iterable[Row]:
    dataset, loaded = dataset_of(model.dataset), load(path)
    split = recorded_split(loaded.card.training, dataset)
    assert split is not None
    calibration = default_calibration([dataset.smiles[i] for i in split.train])
    bench = Bench(dataset.subset(split.test), judge(loaded.network), library(), AUC_MARGIN, 1000, 0)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "models").mkdir()
        reference = make_reference(QuantizedModel(loaded.network, loaded.card), bench, folder)
        for scheme in schemes:
            start = time.perf_counter()
            made = make_variant(scheme, get_scheme(scheme).observer, calibration, bench, folder, reference)
            fields = plain(made.accuracy) | plain(made.agreement)
            fields |= {f"library_{key}": value for key, value in plain(made.library_agreement).items()}
            difference = {key: fields[key] for key in ("delta_auc", "delta_auc_low", "delta_auc_high")}
            test = {f"test_{key}": fields[key] for key in ("hit_overlap_1pct", "hit_overlap_5pct", "spearman")}
            on_library = {
                f"library_{key}": fields[f"library_{key}"]
                for key in ("hit_overlap_1pct", "hit_overlap_5pct", "spearman")
            }
            row = {
                "name": model.name,
                **model._asdict(),
                "scheme": scheme,
                "definition": repr(get_scheme(scheme)),
                "model_hash": loaded.content_hash,
                "calibration": plain(calibration.record(get_scheme(scheme).observer)) | {"coverage": None},
                "n_test": len(dataset.subset(split.test)),
                "roc_auc_fp32": reference.accuracy.metrics["roc_auc"].value,
                **difference,
                **test,
                **on_library,
                "library_molecules": bench.library.graphs.n_mols,
                "size_bytes": made.loaded.size_bytes,
                "size_ratio": made.size_ratio,
            }
            print(f"{model.name} {scheme}: {row['delta_auc']:+.5f}, library hits {row['library_hit_overlap_1pct']:.3f},"
                  f" {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)  # fmt: skip
            yield row


def default_calibration(pool: list[str]) -> CalibrationMolecules:
    """What `molq calibset build` chooses from the pool when told nothing else."""
    return calibration_molecules(build(pool, StudySettings("").calibration), PLAIN)


@lru_cache(maxsize=1)
def library() -> HitLibrary:
    """A seeded draw of MOSES."""
    smiles = library_smiles(LIBRARY)
    drawn = [smiles[i] for i in draw(len(smiles), LIBRARY_MOLECULES, 0)]
    found = featurize(drawn)
    return HitLibrary(LIBRARY, len(smiles), len(found.rejected), [drawn[i] for i in found.index], found.graphs)


def print_report(architecture: str, rows: list[Row]) -> None:
    """One table per scheme over data sets and seeds, and what of the requirements holds."""
    for scheme in SCHEMES:
        chosen = [r for r in rows if r["scheme"] == scheme]
        if chosen:
            print(f"\n### {architecture}, {scheme}\n")
            print(_table(chosen).to_markdown() + "\n")
            print("\n".join(f"- {line}" for line in _requirements(scheme, chosen)))


def _latest(rows: list[Row]) -> list[Row]:
    """The newest measurement of each model and scheme."""
    return list({(r["name"], r["scheme"]): r for r in rows}.values())


def _table(rows: list[Row]) -> Table:
    header = ("data set", "seeds", "test molecules", "fp32 ROC-AUC", "ΔROC-AUC by seed", "mean", "worst interval",
              "Spearman", "hits 1%", "MOSES Spearman", "MOSES hits 1%", "file")  # fmt: skip
    lines = []
    for name in DATASETS:
        mine = sorted((r for r in rows if r["dataset"] == name), key=lambda r: r["seed"])
        if not mine:
            continue
        worst = min(mine, key=lambda r: r["delta_auc"])
        lines.append((
            name,
            ", ".join(str(r["seed"]) for r in mine),
            " ".join(str(r["n_test"]) for r in mine),
            decimal(_mean(mine, "roc_auc_fp32")),
            " ".join(signed(r["delta_auc"]) for r in mine),
            signed(_mean(mine, "delta_auc")),
            f"[{signed(worst['delta_auc_low'])}, {signed(worst['delta_auc_high'])}]",
            *(decimal(_mean(mine, key), digits) for key, digits in (("test_spearman", 4), ("test_hit_overlap_1pct", 3),
              ("library_spearman", 4), ("library_hit_overlap_1pct", 3), ("size_ratio", 3))),
        ))  # fmt: skip
    return Table(header, tuple(lines))


def _requirements(scheme: str, rows: list[Row]) -> list[str]:
    """One line per requirement; none is called met before every model it speaks of is measured."""
    expected = len(DATASETS) * len(SEEDS)
    means = {n: _mean([r for r in rows if r["dataset"] == n], "delta_auc") for n in {r["dataset"] for r in rows}}
    lowest = min(means, key=lambda name: means[name])
    least, limit = means[lowest], LEAST_MEAN[scheme]
    whole = len(rows) == expected
    text = f"mean ΔROC-AUC ≥ {signed(limit, 3)} on each set: least {signed(least)} ({lowest})"
    lines = [f"{text}: {_outcome(least >= limit, whole)}"]
    if scheme == "int8":
        single = min(rows, key=lambda r: r["delta_auc"])
        text = f"no run below {signed(LEAST_SINGLE, 3)}: least {signed(single['delta_auc'])} ({single['name']})"
        lines.append(f"{text}: {_outcome(single['delta_auc'] >= LEAST_SINGLE, whole)}")
        lines += [_overlap(rows, *place) for place in (("HIV's test split", "test"), ("MOSES", "library"))]
    else:
        largest = max(r["size_ratio"] for r in rows)
        text = f"file ≤ {GREATEST_RATIO} of fp32's: largest {decimal(largest)}"
        lines.append(f"{text}: {_outcome(largest <= GREATEST_RATIO, whole)}")
    return lines if whole else [*lines, f"{len(rows)} of {expected} models measured"]


def _overlap(rows: list[Row], place: str, key: str) -> str:
    """Hit overlap of the HIV models, each of which must reach the least."""
    found = sorted((r for r in rows if r["dataset"] == "hiv"), key=lambda r: r["seed"])
    text = f"HIV models, hit overlap at 1% ≥ {LEAST_OVERLAP} on {place}"
    if not found:
        return f"{text}: not measured"
    seen = [r[f"{key}_hit_overlap_1pct"] for r in found]
    n = found[0]["n_test" if key == "test" else "library_molecules"]
    text += f" ({n:,} molecules): {', '.join(map(decimal, seen))}"
    return f"{text}: {_outcome(min(seen) >= LEAST_OVERLAP, len(found) == len(SEEDS))}"


def _outcome(holds: bool, is_whole: bool) -> str:
    if not holds:
        return "**missed**"
    return "**met**" if is_whole else "holds so far"


def _mean(rows: list[Row], key: str) -> float:
    return float(np.mean([r[key] for r in rows]))


if __name__ == "__main__":
    main()

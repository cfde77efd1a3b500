"""What a calibration set should be: how it is chosen, how large, and which observer reads it.

    python bench/study_models.py                    # the models, first
    python bench/calibration_study.py               # the grid of docs/calibration.md, then its tables
    python bench/calibration_study.py --report      # the tables and the figure alone
    python bench/calibration_study.py --full        # every strategy x size x observer x scheme x 10 seeds: days

One cell is one calibration set and one model quantized with it, executed by the engine on the test molecules of the
model's split and on 5,000 molecules of MOSES, and compared with the float model there. A set is chosen from

    train               the training molecules, to stand for themselves: `molq calibset build TRAIN`
    train for library   the training molecules, to stand for MOSES: `molq calibset build TRAIN --match LIBRARY`
    library             other molecules of MOSES: `molq calibset build LIBRARY`

Cells are written to --out as they are measured, and none is measured twice unless the model or the scheme has changed.
ADMET-AI, whose training molecules are not known, takes ClinTox in their place; it needs the package admet-ai and is
left out without it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from calibration_figure import FIGURE, draw
from calibration_tables import print_tables
from numpy.typing import NDArray
from study_models import ARCHITECTURES, DATASETS, MODELS, SPLIT, StudyModel, dataset_of, study_models

from molq.calibset.build import STRATEGIES
from molq.calibset.generic import generic_compounds
from molq.calibset.population import Population, populate
from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, batches
from molq.data.sources import library_smiles
from molq.data.splits import make_split
from molq.engine.engine import Engine
from molq.errors import CheckpointError
from molq.interop.admet import admet_checkpoints
from molq.interop.sources import import_model
from molq.metrics.ranking import roc_auc, task_mean
from molq.nn.ensemble import Network
from molq.quant.convert import quantize
from molq.quant.observers import AUTO, OBSERVERS
from molq.quant.scheme import Scheme, get_scheme
from molq.results.plain import plain
from molq.store.molqfile import load
from molq.training.record import recorded_split
from molq.workflows.compare.agreement import agreement
from molq.workflows.compare.fidelity import logits, signal_to_noise
from molq.workflows.validity.strategy import NAME as ACTIVATION
from molq.workflows.validity.strategy import ActivationStrategy

TRAIN, TRAIN_FOR_LIBRARY, FROM_LIBRARY = POOLS = ("train", "train for library", "library")
SIZES = (25, 50, 100, 200, 500, 1000)
LIBRARY, LIBRARY_POOL, LIBRARY_SCORED = "moses-test", 10_000, 5_000
ADMET, ADMET_POOL = "admet_ai", "clintox"
SCHEMES_TRIED = {
    "int8": get_scheme("int8"),
    "int8, equalized": get_scheme("int8").with_options(equalize=True),
    "int8, fitted": get_scheme("int8").with_options(rounding="gptq", bias_correction=True),
    "int8, equalized and fitted": get_scheme("int8").with_options(rounding="gptq", equalize=True, bias_correction=True),
    "w4a8": get_scheme("w4a8"),
}
OUT = Path(__file__).resolve().parent / "out" / "calibration.jsonl"


class Cell(NamedTuple):
    """One calibration set and what is made with it."""

    pool: str
    strategy: str
    size: int
    seed: int
    observer: str = "minmax"
    scheme: str = "int8"


class Subject(NamedTuple):
    """A float model with its pool, and its scores where quantized ones are compared."""

    name: str
    dataset: str
    architecture: str
    model_seed: int
    network: Network
    content_hash: str
    places: dict[str, tuple[PackedGraphs, NDArray[np.float32]]]
    """test and library: molecules with the float model's scores [n, T]"""
    labels: NDArray[np.float32] | None
    """of the test molecules"""


def main() -> None:
    options = _options()
    done = {(r["name"], r["model_hash"], r["definition"], *(r[f] for f in Cell._fields)) for r in _rows(options.out)}
    if not options.report:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        with options.out.open("a") as stream:
            for part in options.parts if not options.full else ["full"]:
                for dataset in options.datasets:
                    for row in _measured(part, dataset, options, done):
                        stream.write(json.dumps(row) + "\n")
                        stream.flush()
    rows = _rows(options.out)
    print_tables(_latest(rows), options.out.parent)
    draw(_latest(rows), options.figure)
    print(f"\nfigure: {options.figure}", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the models")
    parser.add_argument("--datasets", nargs="*", choices=(*DATASETS, ADMET), default=[*DATASETS, ADMET])
    parser.add_argument("--architectures", nargs="*", choices=ARCHITECTURES, default=list(ARCHITECTURES))
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=[p for p in PARTS if p != "full"])
    parser.add_argument("--draws", type=int, default=10, help="at most so many seeds of a set")
    parser.add_argument("--full", action="store_true", help="the full factorial in place of the parts")
    parser.add_argument("--out", type=Path, default=OUT, help="cells, one JSON object a line")
    parser.add_argument("--figure", type=Path, default=FIGURE)
    parser.add_argument("--report", action="store_true", help="measure nothing")
    return parser.parse_args()


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _latest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest measurement of each cell."""
    return list({(r["name"], *(r[f] for f in Cell._fields)): r for r in rows}.values())


def main_cells() -> Iterator[Cell]:
    """Random against scaffold sampling at every size, ten times each."""
    for seed, size, strategy in product(range(10), SIZES, ("random", "scaffold")):
        yield Cell(TRAIN, strategy, size, seed)


def strategy_cells() -> Iterator[Cell]:
    """The other strategies, at the ends and at the default size, ten times each."""
    others = [*(s for s in STRATEGIES if s not in ("random", "scaffold")), ACTIVATION]
    for seed, strategy, size in product(range(10), others, (25, 200, 1000)):
        yield Cell(TRAIN, strategy, size, seed)


def observer_cells() -> Iterator[Cell]:
    """The other observers, at the default size and at a small one; with w4a8 at the default size alone."""
    others = (*(o for o in OBSERVERS if o != "minmax"), AUTO)
    for seed, size, observer, strategy in product(range(5), (200, 50), others, ("scaffold", "random")):
        yield Cell(TRAIN, strategy, size, seed, observer)
    for seed, observer in product(range(3), others):
        yield Cell(TRAIN, "scaffold", 200, seed, observer, "w4a8")


def w4a8_cells() -> Iterator[Cell]:
    """4-bit weights, which are fitted to the calibration set and not only ranged with it."""
    for seed, size, strategy in product(range(5), (200, 25), ("random", "scaffold", "generic")):
        yield Cell(TRAIN, strategy, size, seed, scheme="w4a8")


def transfer_cells() -> Iterator[Cell]:
    """A library of another chemistry than the training molecules."""
    for seed, size in product(range(10), (25, 200, 1000)):
        yield Cell(TRAIN_FOR_LIBRARY, "scaffold", size, seed)
        yield Cell(TRAIN_FOR_LIBRARY, "property", size, seed)
        yield Cell(FROM_LIBRARY, "random", size, seed)
        yield Cell(FROM_LIBRARY, "scaffold", size, seed)


def fitting_cells() -> Iterator[Cell]:
    """int8 with the treatment that w4a8 gets: scales migrated, weights fitted to the set, a good one and a poor one."""
    schemes = [s for s in SCHEMES_TRIED if s.startswith("int8")]
    for seed, strategy, scheme in product(range(3), ("scaffold", "generic"), schemes):
        yield Cell(TRAIN, strategy, 200, seed, scheme=scheme)


def full_cells() -> Iterator[Cell]:
    """The whole factorial."""
    observers = (*OBSERVERS, AUTO)
    for cell in product((TRAIN,), (*STRATEGIES, ACTIVATION), SIZES, range(10), observers, ("int8", "w4a8")):
        yield Cell(*cell)


PARTS = {
    "main": (main_cells, ARCHITECTURES, (0,)),
    "observers": (observer_cells, ("dmpnn",), (0,)),
    "fitting": (fitting_cells, ("dmpnn",), (0,)),
    "transfer": (transfer_cells, ("dmpnn",), (0,)),
    "w4a8": (w4a8_cells, ARCHITECTURES, (0,)),
    "strategies": (strategy_cells, ("dmpnn",), (0,)),
    "full": (full_cells, ARCHITECTURES, (0, 1, 2)),
}
"""cells, architectures and training seeds of the models"""


def _measured(part: str, dataset: str, options: argparse.Namespace, done: set[Any]) -> Iterator[dict[str, Any]]:
    """The cells of a part that are not ``done``, measured; a set is chosen once for all models that share a split."""
    make_cells, architectures, seeds = PARTS[part]
    wanted = [a for a in architectures if a in options.architectures]
    for model_seed in seeds if dataset != ADMET else (0,):
        subjects = list(_subjects(dataset, model_seed, wanted, options.models))
        start, n = time.perf_counter(), 0
        for cell in make_cells():
            too_many = cell.strategy == "generic" and cell.size > len(generic_compounds())
            if too_many or cell.seed >= options.draws:
                continue
            missing = [s for s in subjects if (s.name, s.content_hash, repr(_scheme(cell)), *cell) not in done]
            shared = _chosen(cell, dataset, model_seed) if missing and cell.strategy != ACTIVATION else None
            for subject in missing:
                n += 1
                yield _measure(subject, cell, shared or _chosen(cell, dataset, model_seed, subject.network))
        if n:
            print(f"{part}, {dataset}: {n} cells, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


def _subjects(dataset: str, seed: int, architectures: list[str], folder: Path) -> Iterator[Subject]:
    if dataset == ADMET:
        if "dmpnn" in architectures and (subject := _admet()):
            yield subject
        return
    for model in study_models([dataset], architectures, [seed]):
        if model.path(folder).exists():
            yield _subject(model, folder)


@cache
def _subject(model: StudyModel, folder: Path) -> Subject:
    loaded, data = load(model.path(folder)), dataset_of(model.dataset)
    split = recorded_split(loaded.card.training, data)
    assert split is not None
    test = data.subset(split.test)
    places = _scored(loaded.network, {"test": test.graphs, "library": _library()[1]})
    return Subject(model.name, *model, loaded.network, loaded.content_hash, places, test.labels)


@cache
def _admet() -> Subject | None:
    try:
        first = admet_checkpoints(f"{ADMET}:classification")[0]
    except CheckpointError as error:
        print(f"{ADMET} is left out: {error}", file=sys.stderr)
        return None
    imported = import_model([first])
    data = dataset_of(ADMET_POOL)
    split = make_split(data.smiles, SPLIT, 0)
    held_out = data.subset(np.sort(np.concatenate([split.valid, split.test])))
    places = _scored(imported.network, {"test": held_out.graphs, "library": _library()[1]})
    digest = imported.provenance["files"][0]["sha256"]
    return Subject(ADMET, ADMET, "dmpnn", 0, imported.network, digest, places, None)


def _scored(model: Network, places: dict[str, PackedGraphs]) -> dict[str, tuple[PackedGraphs, NDArray[np.float32]]]:
    return {place: (graphs, Engine(model).scores(graphs)) for place, graphs in places.items()}


def _chosen(cell: Cell, dataset: str, model_seed: int, model: Network | None = None) -> PackedGraphs:
    """What ``molq.calibset.build.build`` chooses, with the features of a pool computed once for all cells.

    ``model`` is the one that the strategy activation covers.
    """
    train, library = _training_pool(ADMET_POOL if dataset == ADMET else dataset, model_seed), _library()[0]
    pool = {TRAIN: train, TRAIN_FOR_LIBRARY: train, FROM_LIBRARY: library}[cell.pool]
    target = train if cell.pool == TRAIN else library
    if cell.strategy == "generic":
        pool = _generic_pool()
    strategy = STRATEGIES[cell.strategy] if model is None else ActivationStrategy(model)
    choice = strategy(pool, target, cell.size, np.random.default_rng([cell.seed, 0]))
    return featurize([pool.smiles[i] for i in choice.index]).graphs


@cache
def _training_pool(dataset: str, seed: int) -> Population:
    """The training molecules of a split, described whole: a part of them then brings its features along."""
    data = dataset_of(dataset)
    pool = populate([data.smiles[i] for i in make_split(data.smiles, SPLIT, seed).train])
    for feature in ("profile", "elements", "fingerprints"):
        getattr(pool, feature)
    return pool


@cache
def _generic_pool() -> Population:
    return populate(generic_compounds())


@cache
def _library() -> tuple[Population, PackedGraphs]:
    """Molecules of MOSES to choose from, and others to score."""
    smiles = library_smiles(LIBRARY)
    drawn = np.random.default_rng(0).choice(len(smiles), LIBRARY_POOL + LIBRARY_SCORED, replace=False)
    pool, scored = np.split(drawn, [LIBRARY_POOL])
    return populate([smiles[i] for i in pool]), featurize([smiles[i] for i in scored]).graphs


def _measure(subject: Subject, cell: Cell, calibration: PackedGraphs) -> dict[str, Any]:
    start = time.process_time()
    made = quantize(subject.network, _scheme(cell), batches(calibration))
    seconds = time.process_time() - start
    engine = Engine(made)
    row: dict[str, Any] = {
        "name": subject.name,
        "dataset": subject.dataset,
        "architecture": subject.architecture,
        "model_seed": subject.model_seed,
        "model_hash": subject.content_hash,
        **cell._asdict(),
        "definition": repr(_scheme(cell)),
        "quantize_s": seconds,
    }
    for place, (graphs, reference) in subject.places.items():
        scores = engine.scores(graphs)
        row |= {f"{place}_{key}": value for key, value in _distance(reference, scores, subject.network.kind).items()}
        if place == "test" and subject.labels is not None:
            row["delta_auc"] = task_mean(roc_auc, subject.labels, scores) - task_mean(
                roc_auc, subject.labels, reference
            )
    return row


def _scheme(cell: Cell) -> Scheme:
    return replace(SCHEMES_TRIED[cell.scheme], observer=cell.observer)


def _distance(reference: NDArray[np.float32], scores: NDArray[np.float32], kind: str) -> dict[str, float | None]:
    """How far scores [n, T] are from the float model's."""
    return {
        **plain(agreement(reference, scores)),
        "score_rmse": float(np.sqrt(np.mean((scores.astype(np.float64) - reference) ** 2))),
        "sqnr_db": signal_to_noise(logits(reference, kind), logits(scores, kind)),
    }


if __name__ == "__main__":
    main()

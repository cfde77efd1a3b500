"""The variants of one model: each saved, loaded back, and measured as loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.engine.all_scores import all_scores
from molq.nn.judged import Judge
from molq.quant.layers import layer_table
from molq.quant.scheme import get_scheme
from molq.results.accuracy import Accuracy, Agreement
from molq.results.changes import ScoreChange
from molq.results.speed import Throughput
from molq.results.study import Variant
from molq.store.card import Card
from molq.store.molqfile import Loaded, load, save
from molq.workflows.compare.accuracy import accuracy, accuracy_per_task, card_metrics
from molq.workflows.compare.agreement import agreement
from molq.workflows.compare.changes import largest_changes
from molq.workflows.compare.curves import found_curves, predicted
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded
from molq.workflows.study.files import model_file
from molq.workflows.study.hit_library import HitLibrary
from molq.workflows.study.settings import REFERENCE


@dataclass(frozen=True)
class Bench:
    """What every variant is measured on."""

    test: LabelledSet
    judge: Judge
    library: HitLibrary
    margin: float
    n_resamples: int
    seed: int

    @property
    def labels(self) -> NDArray[np.float32]:
        """[n_test, J] that predictions are held against."""
        return self.judge.labels(self.test.labels)

    def accuracy(self, scores: NDArray[np.float32], reference: NDArray[np.float32] | None) -> Accuracy:
        """Of scores [n_test, C] of the test molecules, with differences to the reference's."""
        return accuracy(
            self.judge.kind,
            self.labels,
            self.judge.scores(scores),
            None if reference is None else self.judge.scores(reference),
            margin=self.margin,
            n_resamples=self.n_resamples,
            seed=self.seed,
        )

    def agreement(self, reference: NDArray[np.float32], scores: NDArray[np.float32]) -> Agreement:
        """Of scores [n, C] with the reference's."""
        return agreement(self.judge.scores(reference).values, self.judge.scores(scores).values)

    def changes(self, reference: NDArray[np.float32], scores: NDArray[np.float32]) -> tuple[ScoreChange, ...]:
        """The test molecules whose scores [n_test, C] moved farthest from the reference's."""
        first, second = (self.judge.scores(side).values for side in (reference, scores))
        return largest_changes(self.test.smiles, self.judge.names, first, second, self.labels)

    def library_changes(self, reference: NDArray[np.float32], scores: NDArray[np.float32]) -> tuple[ScoreChange, ...]:
        """The same of the library."""
        first, second = (self.judge.scores(side).values for side in (reference, scores))
        return largest_changes(self.library.smiles, self.judge.names, first, second)


@dataclass(frozen=True)
class MadeVariant:
    """A variant as loaded back from its file, measured but for its speed."""

    scheme: str
    path: str
    """relative to the folder of the study"""
    loaded: Loaded
    size_ratio: float
    """to the reference's file"""
    scores: NDArray[np.float32]
    """[n_test, C]"""
    library_scores: NDArray[np.float32]
    accuracy: Accuracy
    agreement: Agreement
    """with the reference on the test molecules"""
    library_agreement: Agreement
    changes: tuple[ScoreChange, ...]
    library_changes: tuple[ScoreChange, ...]

    def timed(self, throughput: Throughput, bench: Bench) -> Variant:
        """The finished variant, measured on the ``bench``."""
        kind, values = bench.judge.kind, bench.judge.scores(self.scores).values
        of = bench.judge.names, bench.labels, values
        return Variant(
            scheme=self.scheme,
            path=self.path,
            size_bytes=self.loaded.size_bytes,
            size_ratio=self.size_ratio,
            accuracy=self.accuracy,
            agreement=self.agreement,
            library_agreement=self.library_agreement,
            throughput=throughput,
            content_hash=self.loaded.content_hash,
            per_task=accuracy_per_task(kind, bench.judge.names, bench.labels, bench.judge.scores(self.scores)),
            layers=tuple(layer_table(self.loaded.network)),
            curves=found_curves(*of) if kind == "classification" else (),
            predicted=() if kind == "classification" else predicted(*of, bench.seed),
            changes=self.changes,
            library_changes=self.library_changes,
        )


def make_reference(float_model: QuantizedModel, bench: Bench, folder: Path) -> MadeVariant:
    """The float model itself, saved to ``folder``/models and loaded back."""
    return _make(REFERENCE, float_model, bench, folder, None)


def make_variant(
    scheme: str, observer: str, calibration: CalibrationMolecules, bench: Bench, folder: Path, reference: MadeVariant
) -> MadeVariant:
    """The reference's file quantized with ``scheme``, saved, and loaded back."""
    chosen = replace(get_scheme(scheme), observer=observer)
    return _make(scheme, quantize_loaded(reference.loaded, chosen, calibration), bench, folder, reference)


def _make(scheme: str, made: QuantizedModel, bench: Bench, folder: Path, reference: MadeVariant | None) -> MadeVariant:
    """Measured once in memory, for the card; then saved, and measured as loaded, which gives the same bits."""
    path = folder / model_file(scheme)
    in_memory = all_scores(made.network, bench.test.graphs)
    measured = bench.accuracy(in_memory, None if reference is None else reference.scores)
    save(path, made.network, _with_metrics(made.card, measured), force=True)
    loaded = load(path)
    scores, library_scores = (
        all_scores(loaded.network, graphs) for graphs in (bench.test.graphs, bench.library.graphs)
    )
    assert np.array_equal(scores, in_memory), f"{path} does not score as the model it was saved from"
    first, first_of_library = (
        (scores, library_scores) if reference is None else (reference.scores, reference.library_scores)
    )
    return MadeVariant(
        scheme=scheme,
        path=model_file(scheme),
        loaded=loaded,
        size_ratio=1.0 if reference is None else loaded.size_bytes / reference.loaded.size_bytes,
        scores=scores,
        library_scores=library_scores,
        accuracy=measured,
        agreement=bench.agreement(first, scores),
        library_agreement=bench.agreement(first_of_library, library_scores),
        changes=bench.changes(first, scores),
        library_changes=bench.library_changes(first_of_library, library_scores),
    )


def _with_metrics(card: Card, measured: Accuracy) -> Card:
    return structs.replace(card, metrics=(card.metrics or {}) | card_metrics(measured))

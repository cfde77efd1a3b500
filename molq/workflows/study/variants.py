"""The variants of one model: each saved, loaded back, and measured as loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.data.labels import LabelledSet
from molq.engine.engine import Engine
from molq.quant.layers import LayerInfo, layer_table
from molq.quant.scheme import get_scheme
from molq.store.card import Card
from molq.store.molqfile import Loaded, load, save
from molq.workflows.compare.metric_intervals import Measured, agreement, measure, per_task
from molq.workflows.compare.speed import Throughput
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded
from molq.workflows.study.files import Variant
from molq.workflows.study.settings import REFERENCE

UNTIMED = Throughput(float("nan"), float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Bench:
    """What every variant is measured on."""

    test: LabelledSet
    library: PackedGraphs
    margin: float
    n_resamples: int
    seed: int

    def measure(self, scores: NDArray[np.float32], reference: NDArray[np.float32] | None) -> Measured:
        """Metrics of scores of the test molecules, with differences to the reference's."""
        return measure(
            self.test.kind,
            self.test.labels,
            scores,
            reference,
            margin=self.margin,
            n_resamples=self.n_resamples,
            seed=self.seed,
        )


@dataclass(frozen=True)
class Made:
    """A variant, not yet timed, and what its file holds."""

    variant: Variant
    library_scores: NDArray[np.float32]
    loaded: Loaded


def make_reference(float_model: QuantizedModel, bench: Bench, folder: Path) -> Made:
    """The float model itself, saved to ``folder``/models and loaded back."""
    return _make(REFERENCE, float_model, bench, folder, None)


def make_variant(
    scheme: str, observer: str, calibration: CalibrationMolecules, bench: Bench, folder: Path, reference: Made
) -> Made:
    """The reference's file quantized with ``scheme``, saved, and loaded back."""
    chosen = replace(get_scheme(scheme), observer=observer)
    return _make(scheme, quantize_loaded(reference.loaded, chosen, calibration), bench, folder, reference)


def _make(scheme: str, made: QuantizedModel, bench: Bench, folder: Path, reference: Made | None) -> Made:
    """Measured once in memory, for the card; then saved, and measured as loaded, which gives the same bits."""
    path = folder / "models" / f"{scheme}.molq"
    baseline = None if reference is None else reference.variant.scores
    in_memory = Engine(made.network).scores(bench.test.graphs)
    measured = bench.measure(in_memory, baseline)
    save(path, made.network, _with_metrics(made.card, measured), force=True)
    loaded = load(path)
    engine = Engine(loaded.network)
    scores, library_scores = engine.scores(bench.test.graphs), engine.scores(bench.library)
    assert np.array_equal(scores, in_memory), f"{path} does not score as the model it was saved from"
    test, first = bench.test, scores if baseline is None else baseline
    variant = Variant(
        scheme=scheme,
        path=path.relative_to(folder).as_posix(),
        content_hash=loaded.content_hash,
        size_bytes=loaded.size_bytes,
        size_ratio=1.0 if reference is None else loaded.size_bytes / reference.variant.size_bytes,
        scores=scores,
        measured=measured,
        agreement=agreement(first, scores),
        library_agreement=agreement(library_scores if reference is None else reference.library_scores, library_scores),
        throughput=UNTIMED,
        per_task=per_task(test.kind, test.tasks, test.labels, scores),
        layers=[_layer_row(row) for row in layer_table(loaded.network)],
    )
    return Made(variant, library_scores, loaded)


def _with_metrics(card: Card, measured: Measured) -> Card:
    return replace(card, metrics=(card.metrics or {}) | measured.card_section())


def _layer_row(row: LayerInfo) -> dict[str, Any]:
    return {**row._asdict(), "shape": list(row.shape), "ranges": [list(limits) for limits in row.ranges]}

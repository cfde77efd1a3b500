"""A model just trained, quantized with what it was trained on and measured as executed."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from molq.calibset.build import build as build_calibset
from molq.calibset.spec import CalibrationSpec
from molq.data.labels import LabelledSet
from molq.data.splits import Split
from molq.engine.engine import Engine
from molq.quant.scheme import Scheme
from molq.store.molqfile import Loaded
from molq.workflows.compare.accuracy import accuracy, card_metrics, default_margin
from molq.workflows.precision.calibration import calibration_molecules
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded
from molq.workflows.tuning.fine_tune import fine_tune, molecules_of_split, tuning_settings

CALIBRATION_SIZE = 200


def quantize_trained(
    source: Loaded,
    dataset: LabelledSet,
    split: Split,
    scheme: Scheme,
    epochs: int,
    seed: int = 0,
    progress: Callable[[int, int | None], None] | None = None,
) -> QuantizedModel:
    """``source``, trained on that split, quantized after training and then by ``epochs`` of imitating the float model.

    The calibration set is drawn from the training molecules. The card holds the metrics of the quantized model on the
    test molecules, computed from its executed scores and paired with those of the float model.
    """
    calibration = None
    if scheme.needs_calibration:
        pool = [dataset.smiles[i] for i in split.train]
        spec = CalibrationSpec("scaffold", min(CALIBRATION_SIZE, len(pool)), seed)
        calibration = calibration_molecules(build_calibset(pool, spec, dataset.smiles))
    made = quantize_loaded(source, scheme, calibration)
    tuned = fine_tune(source, made, molecules_of_split(dataset, split, seed), tuning_settings(epochs, seed), progress)
    return _measured(source, tuned.made, dataset, split)


def _measured(source: Loaded, made: QuantizedModel, dataset: LabelledSet, split: Split) -> QuantizedModel:
    if not len(split.test):
        return made
    test = dataset.subset(split.test)
    exact, scores = (Engine(model).scores(test.graphs) for model in (source.network, made.network))
    margin = default_margin(dataset.kind, dataset.labels[split.train])
    measured = accuracy(dataset.kind, test.labels, scores, exact, margin=margin)
    return made._replace(card=structs.replace(made.card, metrics=card_metrics(measured)))

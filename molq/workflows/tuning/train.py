"""A labelled set in, a trained model with its card out; and, if asked for, its quantized copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import structs

from molq.calibset.build import build as build_calibset
from molq.calibset.spec import CalibrationSpec
from molq.data.column_split import column_split
from molq.data.labels import LabelledSet
from molq.data.sources import labelled_set
from molq.data.splits import Split, make_split
from molq.engine.all_scores import all_scores
from molq.errors import InputError
from molq.nn.config import PredictorConfig, default_config
from molq.nn.judged import Judged
from molq.progress import SILENT, Progress
from molq.quant.scheme import Scheme, get_scheme
from molq.results.training import Training
from molq.results.tuning import Tuning
from molq.store.card import Card
from molq.store.molqfile import Loaded, decode, encode
from molq.training.config import TrainConfig
from molq.training.fitting import EpochResult
from molq.training.loop import train as train_network
from molq.training.record import training_record
from molq.workflows.applicability.remembered import to_remember
from molq.workflows.compare.accuracy import accuracy, card_metrics, default_margin
from molq.workflows.precision.calibration import calibration_molecules
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded
from molq.workflows.tuning.fine_tune import Tuned, fine_tune, molecules_of_split, tuning_settings
from molq.workflows.tuning.repeats import card_repeats, other_splits, outcome, repeated
from molq.workflows.tuning.tested import card_section, held_out, training_result

CALIBRATION_SIZE = 200
QAT_EPOCHS = 20
SPLIT = "scaffold-balanced"
FRACTIONS = (0.8, 0.1, 0.1)


class TrainingData(NamedTuple):
    """Labelled molecules, and which of them are trained on, validated on and tested on."""

    labelled: LabelledSet
    split: Split


class TrainedModel(NamedTuple):
    """A trained model, how its training went and, where integers were asked for, its quantized copy."""

    model: Loaded
    training: Training
    quantized: QuantizedModel | None
    tuning: Tuning | None


def training_data(
    data: str,
    *,
    tasks: Sequence[str] | None = None,
    kind: str | None = None,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    duplicates: str = "keep",
    split: str = SPLIT,
    split_seed: int = 0,
    fractions: tuple[float, float, float] = FRACTIONS,
    split_column: str | None = None,
    progress: Progress = SILENT,
) -> TrainingData:
    """The molecules of a registered data set (all its tasks, or those named) or of a table, with their split.

    A table needs the names of its ``tasks``; its ``kind`` is told from the labels. ``split_column`` names the column of
    a table that says train, valid or test, and takes the place of the drawn split. ``format``, ``censored`` and
    ``duplicates`` are those of ``read_labelled``. Raises InputError for what is
    neither a file nor a registered set, and for a column that is not there.
    """
    if split_column is not None and not Path(data).is_file():
        raise InputError(f"`split_column` needs a table; {data} is a registered data set or no file")
    labelled = labelled_set(
        data,
        tasks,
        smiles_column=smiles_column,
        kind=kind,
        format=format,
        censored=censored,
        duplicates=duplicates,
        progress=progress,
    )
    if split_column is not None:
        split_of = column_split(data, split_column, labelled, smiles_column=smiles_column, format=format)
        return TrainingData(labelled, split_of)
    return TrainingData(labelled, make_split(labelled.smiles, split, split_seed, fractions, labelled.same))


def network_config(
    labelled: LabelledSet,
    *,
    arch: str = "dmpnn",
    features: str = "V2",
    d_h: int | None = None,
    depth: int | None = None,
    dropout: float = 0.0,
) -> PredictorConfig:
    """The network for the tasks of ``labelled``; None is the usual width or depth of the architecture."""
    changes: dict[str, Any] = {"feature_set": features, "dropout": dropout, "recipe": labelled.recipe}
    changes |= {key: value for key, value in (("d_h", d_h), ("depth", depth)) if value is not None}
    return default_config(arch, labelled.tasks, labelled.kind, **changes)


def train(
    data: TrainingData,
    config: PredictorConfig,
    settings: TrainConfig,
    *,
    name: str,
    description: str = "",
    qat: str | None = None,
    qat_epochs: int = QAT_EPOCHS,
    remember: bool = True,
    repeats: int = 1,
    progress: Progress = SILENT,
    on_epoch: Callable[[EpochResult], None] | None = None,
    on_float: Callable[[Loaded], object] | None = None,
) -> TrainedModel:
    """A model trained on ``data``, its card stating data, split, curve and the test metric with its interval.

    With ``repeats`` models of the same recipe are trained on as many splits, and what they come to is told beside; the
    model is that of the first split, and ``on_epoch`` is told its epochs alone. With a scheme ``qat`` it is quantized
    too, and its integers learn for ``qat_epochs`` to imitate it; ``on_float`` is shown the float model before that
    begins. With ``remember`` the file holds fingerprints and environments of the molecules trained on, unless they come
    with molq. Raises InputError when there is no such scheme, when it has no integers, or when the labels cannot be
    learnt from.
    """
    scheme = None if qat is None else integer_scheme(qat)
    splits = other_splits(*data, repeats)
    progress.stage(f"train, split 1 of {repeats}" if splits else "train")
    trained = train_network(config, *data, settings, progress, on_epoch)
    found = held_out(decode(encode(trained.network, Card(name)), name), *data)
    spread = None
    if splits:
        first = outcome(trained, data.split, data.labelled.kind, found)
        spread = repeated(first, config, data.labelled, splits, settings, progress)
    record = training_record(trained, *data, settings) | ({} if spread is None else {"repeats": card_repeats(spread)})
    metrics = card_section(trained, data.labelled.kind, found)
    known = to_remember(*data) if remember else msgspec.UNSET
    card = Card(name, description, training=record, metrics=metrics, training_set=known)
    model = decode(encode(trained.network, card), name)
    training = training_result(model, trained, *data, settings, found, spread)
    if on_float is not None:
        on_float(model)
    if scheme is None:
        return TrainedModel(model, training, None, None)
    return TrainedModel(model, training, *quantize_trained(model, data, scheme, qat_epochs, settings.seed, progress))


def integer_scheme(name: str) -> Scheme:
    """The scheme of that name. Raises InputError when there is none, or it has no integers to fine-tune."""
    scheme = get_scheme(name)
    if not scheme.weights.startswith("int"):
        raise InputError(f"{name} has no integer weights to fine-tune; choose a scheme such as w4a8")
    return scheme


def quantize_trained(
    source: Loaded, data: TrainingData, scheme: Scheme, epochs: int, seed: int = 0, progress: Progress = SILENT
) -> Tuned:
    """``source``, trained on ``data``, quantized after training and then by ``epochs`` of imitating the float model.

    The calibration set is drawn from the training molecules. The card holds the metrics of the quantized model on the
    test molecules, computed from its executed scores and paired with those of the float model.
    """
    calibration = None
    if scheme.needs_calibration:
        progress.stage("calibration set")
        pool = [data.labelled.smiles[i] for i in data.split.train]
        spec = CalibrationSpec("scaffold", min(CALIBRATION_SIZE, len(pool)), seed)
        chosen = build_calibset(pool, spec, data.labelled.smiles, progress=progress)
        calibration = calibration_molecules(chosen, source.network.recipe)
    progress.stage("quantize")
    made = quantize_loaded(source, scheme, calibration, progress)
    progress.stage("quantization-aware training")
    molecules = molecules_of_split(data.labelled, data.split, seed)
    tuned = fine_tune(source, made, molecules, tuning_settings(epochs, seed), progress)
    return Tuned(_measured(source, tuned.made, data), tuned.tuning)


def _measured(source: Loaded, made: QuantizedModel, data: TrainingData) -> QuantizedModel:
    labelled, split = data
    if not len(split.test):
        return made
    test = labelled.subset(split.test)
    exact, scores = (all_scores(network, test.graphs) for network in (source.network, made.network))
    margin = default_margin(labelled.kind, labelled.labels[split.train])
    measured = accuracy(labelled.kind, test.labels, Judged(scores), Judged(exact), margin=margin)
    return made._replace(card=structs.replace(made.card, metrics=card_metrics(measured)))

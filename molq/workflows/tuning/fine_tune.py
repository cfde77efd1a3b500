"""Quantization-aware training: a model quantized after training learns to imitate its float model.

The loss is the squared difference to the float model's logits, not to labels: it needs none, it does not train the
model any further, and what it brings nearer is what a user compares, the ranking by the float model.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from msgspec import structs
from numpy.typing import NDArray
from torch import Tensor

from molq.chem.packed import PackedGraphs
from molq.data.labels import LabelledSet
from molq.data.sources import labelled_set
from molq.data.splits import Split
from molq.errors import InputError
from molq.nn.ensemble import from_members
from molq.nn.judged import judge
from molq.nn.predictor import Predictor
from molq.nn.torch_state import torch_state
from molq.progress import SILENT, Progress, Steps
from molq.quant.fake import fake_quantized, integer
from molq.results.plain import plain
from molq.results.tuning import MemberTuning, Tuning
from molq.serial import from_builtins
from molq.store.card import Card
from molq.store.molqfile import Loaded
from molq.training.batches import cut, epoch_rows
from molq.training.config import TrainConfig
from molq.training.fitting import Lesson, fit, validate
from molq.training.forward import logits_of, make_forward
from molq.training.record import recorded_split
from molq.workflows.compare.probe import has_labels, read_probe
from molq.workflows.precision.quantized import QuantizedModel

Indices = NDArray[np.int64]
RECORD = "qat"
"""key of the card's provenance under which it is stated"""
LEARNING_RATE = 1e-4
DECAY = 0.01
"""the last learning rate, as a share of the first"""
HELD_OUT = 0.1
"""share of the molecules to validate on where none are set apart"""


class TuningMolecules(NamedTuple):
    """Molecules to imitate the float model on, and molecules to choose the best epoch by."""

    name: str
    graphs: PackedGraphs
    labels: NDArray[np.float32]
    """[n, J] of what predictions are held against, NaN where missing; for the report alone"""
    train: Indices
    valid: Indices


class Tuned(NamedTuple):
    """A quantized model after fine-tuning, and how it went."""

    made: QuantizedModel
    tuning: Tuning


def tuning_settings(epochs: int, seed: int = 0, learning_rate: float = LEARNING_RATE) -> TrainConfig:
    """The recipe: a rate that falls exponentially, and the epoch of the least error."""
    return TrainConfig(
        epochs=epochs,
        max_lr=learning_rate,
        init_lr=learning_rate,
        final_lr=DECAY * learning_rate,
        warmup_epochs=0,
        monitor="loss",
        seed=seed,
    )


def fine_tune(
    source: Loaded,
    made: QuantizedModel,
    molecules: TuningMolecules,
    settings: TrainConfig,
    progress: Progress = SILENT,
) -> Tuned:
    """``made``, quantized from ``source``, after fine-tuning on integers that change; its card says so.

    A member that comes no nearer to its float model on the validation molecules stays as it was. The same seed gives
    the same integers. Raises UnsupportedError when nothing is integer.
    """
    exact_members = source.network.members
    starts = [None] * len(exact_members) if made.start is None else made.start.members
    steps = Steps(len(exact_members) * settings.epochs * len(cut(molecules.train, settings.batch_size)), progress)
    members, outcomes = [], []
    with torch_state(settings.n_threads):
        for i, (exact, quantized, start) in enumerate(zip(exact_members, made.network.members, starts, strict=True)):
            fake = fake_quantized(quantized, start)
            outcomes.append(_tune_member(i, exact, fake, molecules, settings, steps))
            members.append(integer(fake) if outcomes[i].best_epoch else quantized)
    tuning = Tuning(
        molecules=molecules.name,
        n_train=len(molecules.train),
        n_valid=len(molecules.valid),
        epochs=settings.epochs,
        learning_rate=settings.max_lr,
        seed=settings.seed,
        members=tuple(outcomes),
    )
    card = structs.replace(made.card, provenance=(made.card.provenance or {}) | {RECORD: plain(tuning)})
    return Tuned(QuantizedModel(from_members(members), card), tuning)


def tuning_of(card: Card) -> Tuning | None:
    """What a card says of quantization-aware training; None when there was none. Raises InputError for any other."""
    record = (card.provenance or {}).get(RECORD)
    return None if record is None else from_builtins(record, Tuning, f"card of {card.name}")


def tuning_molecules(
    source: str,
    model: Loaded,
    seed: int = 0,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
) -> TuningMolecules:
    """The molecules of a data set or a file, labelled or not.

    Of the set the model was trained on, its training and validation molecules; else all, some of them held out.
    """
    if not has_labels(source, model, smiles_column, format):
        graphs = read_probe(source, model, smiles_column=smiles_column, format=format, seed=seed).graphs
        labels = np.full((graphs.n_mols, len(judge(model.network).names)), np.nan, np.float32)
        return TuningMolecules(source, graphs, labels, *_held_out(np.arange(graphs.n_mols), seed))
    dataset = labelled_set(
        source,
        model.network.tasks,
        smiles_column=smiles_column,
        kind=model.network.kind,
        format=format,
        censored=censored,
        recipe=model.network.recipe,
    )
    dataset = replace(dataset, labels=judge(model.network).labels(dataset.labels))
    split = recorded_split(model.card.training, dataset)
    if split is None:
        return TuningMolecules(dataset.name, dataset.graphs, dataset.labels, *_held_out(np.arange(len(dataset)), seed))
    return molecules_of_split(dataset, split, seed)


def molecules_of_split(dataset: LabelledSet, split: Split, seed: int = 0) -> TuningMolecules:
    """The training and validation molecules of the split; some of the first are held out when there are no others."""
    sides = (split.train, split.valid) if len(split.valid) else _held_out(split.train, seed)
    return TuningMolecules(dataset.name, dataset.graphs, dataset.labels, *sides)


class Imitation:
    """Squared difference to given logits [n, L], each in units of their spread over the training molecules."""

    def __init__(self, logits: Tensor, train: Indices) -> None:
        spread = logits[torch.from_numpy(train)].std(0, correction=0)
        self.logits, self.spread = logits, torch.where(spread > 0, spread, torch.ones_like(spread))

    def loss_sum(self, logits: Tensor, mols: Indices) -> tuple[Tensor, Tensor]:
        error = (logits - self.logits[torch.from_numpy(mols)]) / self.spread
        return error.square().sum(), torch.tensor(float(error.numel()))


def _tune_member(
    i: int, exact: Predictor, fake: Predictor, molecules: TuningMolecules, settings: TrainConfig, steps: Steps
) -> MemberTuning:
    """What fitting ``fake`` in place to the logits of ``exact`` came to."""
    forward = make_forward(molecules.graphs, exact.config)
    logits = logits_of(exact, forward, np.arange(molecules.graphs.n_mols))
    lesson = Lesson(
        judge(exact).kind,
        molecules.labels,
        molecules.valid,
        Imitation(logits, molecules.train),
        forward,
        partial(epoch_rows, molecules.train),
        settings,
    )
    before, metric_before = validate(fake, lesson)
    best = fit(fake, lesson, i, steps, lambda _result: None, fine_tune=True)
    after, metric_after = validate(fake, lesson)
    assert before is not None
    assert after is not None
    return MemberTuning(best, before**0.5, after**0.5, metric_before, metric_after)


def _held_out(rows: Indices, seed: int) -> tuple[Indices, Indices]:
    """Most of the rows, and those to validate on."""
    n_valid = max(1, round(HELD_OUT * len(rows)))
    if len(rows) < 2:
        raise InputError("quantization-aware training needs two molecules at least, one of them to validate on")
    shuffled = np.random.default_rng(seed).permutation(rows)
    return np.sort(shuffled[n_valid:]), np.sort(shuffled[:n_valid])

"""Training: a configuration and a labelled set in, the best predictor on the validation molecules out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from molq.data.labels import LabelledSet
from molq.data.splits import Split
from molq.errors import InputError
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Network, from_members
from molq.nn.predictor import Predictor
from molq.nn.torch_state import torch_state
from molq.progress import SILENT, Progress, Steps
from molq.training.batches import balanced_rows, epoch_rows, labelled_rows
from molq.training.config import TrainConfig
from molq.training.fitting import EpochResult, Lesson, fit
from molq.training.forward import make_forward
from molq.training.targets import Targets, make_targets

METRIC_NAMES = {"classification": "roc_auc", "regression": "rmse"}


@dataclass(frozen=True)
class Trained:
    """A trained model and how it came about."""

    network: Network
    history: list[dict[str, Any]]
    """every ``EpochResult`` as a dict, member after member"""
    best_epochs: tuple[int, ...]
    """per member, from 1"""
    metric_name: str
    """roc_auc or rmse"""
    valid_metric: float | None
    """of the whole model on the validation molecules"""

    @property
    def best_epoch(self) -> int:
        """Of the first member."""
        return self.best_epochs[0]


def train(
    config: PredictorConfig,
    dataset: LabelledSet,
    split: Split,
    train_config: TrainConfig,
    progress: Progress = SILENT,
    on_epoch: Callable[[EpochResult], None] | None = None,
) -> Trained:
    """The model trained on ``split.train``, each member as it stood after its best epoch on ``split.valid``.

    Without validation molecules the best epoch is the one of the lowest training loss. ``progress`` is told the steps
    done and in all, ``on_epoch`` every epoch's result. The same seed gives the same weights, bit for bit, on the same
    machine; torch's global generator and number of threads are left as they were. Raises InputError when the
    labels cannot be learnt from (no label, one class) or the loss stops being finite.
    """
    if (config.tasks, config.kind) != (dataset.tasks, dataset.kind):
        raise InputError(
            f"a {config.kind} predictor of {', '.join(config.tasks)} cannot be trained on {dataset.name}, "
            f"a {dataset.kind} set of {', '.join(dataset.tasks)}"
        )
    rows, valid = labelled_rows(dataset, split.train), labelled_rows(dataset, split.valid)
    if not len(rows):
        raise InputError(f"none of the {len(split.train)} training molecules of {dataset.name} has a label")
    targets, forward = make_targets(dataset, rows), make_forward(dataset.graphs, config)
    draw = partial(balanced_rows, dataset, rows) if train_config.class_balance else partial(epoch_rows, rows)
    lesson = Lesson(config.kind, dataset.labels, valid, targets, forward, draw, train_config)
    steps = Steps(
        train_config.n_members * train_config.epochs * len(lesson.batches(np.random.default_rng(0))), progress
    )
    history: list[EpochResult] = []
    members, best_epochs = [], []
    with torch_state(train_config.n_threads):
        for member in range(train_config.n_members):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(train_config.seed + member)
                predictor = _fresh(config, targets)
                best = fit(predictor, lesson, member, steps, lambda result: _record(result, history, on_epoch))
            members.append(predictor)
            best_epochs.append(best)
        metric = lesson.metric(np.mean([lesson.predictions(member) for member in members], axis=0))
    model = from_members(members)
    return Trained(model, [asdict(e) for e in history], tuple(best_epochs), METRIC_NAMES[config.kind], metric)


def _fresh(config: PredictorConfig, targets: Targets) -> Predictor:
    """A predictor with random weights that knows the units of its targets."""
    predictor = Predictor(config)
    predictor.output_mean.copy_(targets.mean)
    predictor.output_scale.copy_(targets.scale)
    return predictor


def _record(result: EpochResult, history: list[EpochResult], on_epoch: Callable[[EpochResult], None] | None) -> None:
    history.append(result)
    if on_epoch is not None:
        on_epoch(result)

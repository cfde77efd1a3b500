"""Training: a configuration and a labelled set in, the best predictor on the validation molecules out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.data.splits import Split
from molq.errors import InputError
from molq.metrics.ranking import rmse, roc_auc, task_mean
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Model, from_members
from molq.nn.predictor import Predictor
from molq.training.batches import balanced_rows, cut, epoch_rows, labelled_rows
from molq.training.config import TrainConfig
from molq.training.forward import Forward, logits_of, make_forward
from molq.training.schedule import learning_rate
from molq.training.targets import Targets, make_targets

METRIC_NAMES = {"classification": "roc_auc", "regression": "rmse"}


@dataclass(frozen=True)
class EpochResult:
    """What one epoch of one ensemble member came to."""

    member: int
    epoch: int
    """from 1"""
    train_loss: float
    """mean over the epoch's steps, each before its update"""
    valid_loss: float | None
    valid_metric: float | None
    """mean ROC-AUC or RMSE over tasks; None without validation labels, or with one class only"""
    learning_rate: float
    """of the epoch's last step"""


@dataclass(frozen=True)
class Trained:
    """A trained model and how it came about."""

    model: Model
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
    progress: Callable[[int, int | None], None] | None = None,
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
    run = _Run(
        config, train_config, dataset, rows, valid, make_targets(dataset, rows), make_forward(dataset.graphs, config)
    )
    steps = _Steps(train_config.n_members * train_config.epochs * len(run.batches(np.random.default_rng(0))), progress)
    history: list[EpochResult] = []
    members, best_epochs = [], []
    with _threads(train_config.n_threads):
        for member in range(train_config.n_members):
            predictor, best = _train_member(run, member, steps, lambda result: _record(result, history, on_epoch))
            members.append(predictor)
            best_epochs.append(best)
        metric = _metric(run, np.mean([run.scores(member) for member in members], axis=0))
    model = from_members(members)
    return Trained(model, [asdict(e) for e in history], tuple(best_epochs), METRIC_NAMES[config.kind], metric)


@dataclass(frozen=True)
class _Run:
    """What all members of a run share."""

    config: PredictorConfig
    train_config: TrainConfig
    dataset: LabelledSet
    rows: NDArray[np.int64]
    valid: NDArray[np.int64]
    targets: Targets
    forward: Forward

    def batches(self, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        balance = self.train_config.class_balance
        rows = balanced_rows(self.dataset, self.rows, rng) if balance else epoch_rows(self.rows, rng)
        return cut(rows, self.train_config.batch_size)

    def scores(self, predictor: Predictor) -> NDArray[np.float64]:
        """Scores [n_valid, T]."""
        with torch.no_grad():
            scores = predictor.activate(logits_of(predictor, self.forward, self.valid))
        return scores.double().numpy()


class _Steps:
    """Counts optimizer steps over the whole run and reports them."""

    def __init__(self, total: int, progress: Callable[[int, int | None], None] | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def advance(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


@contextmanager
def _threads(n: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _record(result: EpochResult, history: list[EpochResult], on_epoch: Callable[[EpochResult], None] | None) -> None:
    history.append(result)
    if on_epoch is not None:
        on_epoch(result)


def _train_member(
    run: _Run, member: int, steps: _Steps, record: Callable[[EpochResult], None]
) -> tuple[Predictor, int]:
    """The member as it stood after its best epoch, and that epoch."""
    settings = run.train_config
    seed = settings.seed + member
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        predictor = Predictor(run.config)
        predictor.output_mean.copy_(run.targets.mean)
        predictor.output_scale.copy_(run.targets.scale)
        rng = np.random.default_rng(seed)
        optimizer = torch.optim.Adam(predictor.parameters(), lr=settings.init_lr, fused=True)
        best_rank, best_epoch, best_state = (-math.inf, -math.inf), 0, {}
        for epoch in range(1, settings.epochs + 1):
            train_loss, rate = _train_epoch(run, predictor, optimizer, rng, epoch, steps)
            result = EpochResult(member, epoch, train_loss, *_validate(run, predictor), rate)
            record(result)
            rank = _rank(result, run)
            if rank > best_rank:
                best_rank, best_epoch = rank, epoch
                best_state = {name: tensor.clone() for name, tensor in predictor.state_dict().items()}
            elif settings.patience is not None and epoch - best_epoch >= settings.patience:
                break
    predictor.load_state_dict(best_state)
    return predictor.eval(), best_epoch


def _train_epoch(
    run: _Run,
    predictor: Predictor,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    epoch: int,
    steps: _Steps,
) -> tuple[float, float]:
    """Mean training loss and last learning rate of the epoch."""
    settings = run.train_config
    batches = run.batches(rng)
    total, n = torch.zeros(()), torch.zeros(())
    rate = settings.init_lr
    predictor.train()
    for i, mols in enumerate(batches):
        rate = learning_rate((epoch - 1) * len(batches) + i, len(batches), settings)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss_sum, n_known = run.targets.loss_sum(run.forward(predictor, mols), mols)
        (loss_sum / n_known).backward()
        if settings.grad_clip is not None:
            torch.nn.utils.clip_grad_norm_(predictor.parameters(), settings.grad_clip)
        optimizer.step()
        total += loss_sum.detach()
        n += n_known
        steps.advance()
    if not torch.isfinite(total):
        raise InputError(
            f"the training loss is no longer finite in epoch {epoch}: lower max_lr (now {settings.max_lr:g})"
            " or clip gradients"
        )
    return float(total / n), rate


def _validate(run: _Run, predictor: Predictor) -> tuple[float | None, float | None]:
    """Loss and metric on the validation molecules."""
    if not len(run.valid):
        return None, None
    with torch.no_grad():
        logits = logits_of(predictor, run.forward, run.valid)
        loss = float(run.targets.loss(logits, run.valid))
        return loss, _metric(run, predictor.activate(logits).double().numpy())


def _metric(run: _Run, scores: NDArray[np.float64]) -> float | None:
    """Mean over tasks of the metric of ``scores`` [n_valid, T], where it is defined."""
    labels = run.dataset.labels[run.valid]
    value = task_mean(roc_auc if run.config.kind == "classification" else rmse, labels, scores)
    return value if math.isfinite(value) else None


def _rank(result: EpochResult, run: _Run) -> tuple[float, float]:
    """Greater is better: by metric, then by loss; by loss alone where that is asked for or the metric is undefined."""
    loss = result.train_loss if result.valid_loss is None else result.valid_loss
    if result.valid_metric is None or run.train_config.monitor == "loss":
        return 0.0, -loss
    return (result.valid_metric if run.config.kind == "classification" else -result.valid_metric), -loss

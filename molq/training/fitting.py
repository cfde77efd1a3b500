"""One predictor fitted over epochs, kept as it stood after the best of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molq.columns import ranked
from molq.errors import InputError
from molq.metrics.ranking import rmse, roc_auc, task_mean
from molq.nn.predictor import Predictor
from molq.progress import Steps
from molq.training.batches import cut
from molq.training.config import TrainConfig
from molq.training.forward import Forward, logits_of
from molq.training.schedule import learning_rate

Indices = NDArray[np.int64]


class Objective(Protocol):
    """What logits ought to be."""

    def loss_sum(self, logits: Tensor, mols: Indices) -> tuple[Tensor, Tensor]:
        """Summed loss of the logits [n, T] of molecules ``mols`` [n], and the number of terms in the sum."""
        ...


@dataclass(frozen=True)
class Lesson:
    """What is learnt, from which molecules, and how."""

    kind: str
    """of the predictions: classification or regression"""
    labels: NDArray[np.float32]
    """[n, J] of all molecules, what predictions are held against; NaN where missing"""
    valid: Indices
    objective: Objective
    forward: Forward
    draw: Callable[[np.random.Generator], Indices]
    """the molecules of an epoch, in order"""
    settings: TrainConfig

    def batches(self, rng: np.random.Generator) -> list[Indices]:
        """The molecules of every step of an epoch."""
        return cut(self.draw(rng), self.settings.batch_size)

    def predictions(self, predictor: Predictor) -> NDArray[np.float64]:
        """Predictions [n_valid, J] of the validation molecules."""
        return _predictions(predictor, logits_of(predictor, self.forward, self.valid))

    def metric(self, predictions: NDArray[np.float64]) -> float | None:
        """Mean ROC-AUC or RMSE of ``predictions`` [n_valid, J], where it is defined."""
        value = task_mean(roc_auc if self.kind == "classification" else rmse, self.labels[self.valid], predictions)
        return value if math.isfinite(value) else None


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


def fit(
    predictor: Predictor,
    lesson: Lesson,
    member: int,
    steps: Steps,
    record: Callable[[EpochResult], None],
    *,
    fine_tune: bool = False,
) -> int:
    """The best epoch, after which ``predictor`` is left as it stood then, in inference mode.

    When ``fine_tune``, it is 0 if no epoch is better than what came in; nothing is dropped, and batch norms keep their
    statistics. The order of molecules follows from the seed of the settings plus ``member``.
    """
    settings = lesson.settings
    best_rank, best_epoch, best_state = (-math.inf, -math.inf), 0, _state(predictor)
    if fine_tune:
        best_rank = _rank(EpochResult(member, 0, math.inf, *validate(predictor, lesson), 0.0), lesson)
    rng = np.random.default_rng(settings.seed + member)
    optimizer = torch.optim.Adam(predictor.parameters(), lr=settings.init_lr, fused=True)
    for epoch in range(1, settings.epochs + 1):
        predictor.train(not fine_tune)
        train_loss, rate = _fit_epoch(predictor, lesson, optimizer, rng, epoch, steps)
        result = EpochResult(member, epoch, train_loss, *validate(predictor, lesson), rate)
        record(result)
        rank = _rank(result, lesson)
        if rank > best_rank:
            best_rank, best_epoch, best_state = rank, epoch, _state(predictor)
        elif settings.patience is not None and epoch - best_epoch >= settings.patience:
            break
    predictor.load_state_dict(best_state)
    predictor.eval()
    return best_epoch


def validate(predictor: Predictor, lesson: Lesson) -> tuple[float | None, float | None]:
    """Loss and metric on the validation molecules. Raises InputError when the predictor has diverged."""
    if not len(lesson.valid):
        return None, None
    with torch.no_grad():
        logits = logits_of(predictor, lesson.forward, lesson.valid)
        if not torch.isfinite(logits).all():
            raise _diverged("the logits of validation molecules are", lesson.settings)
        total, n = lesson.objective.loss_sum(logits, lesson.valid)
        return float(total / n), lesson.metric(_predictions(predictor, logits))


def _predictions(predictor: Predictor, logits: Tensor) -> NDArray[np.float64]:
    """[n, J] of logits [n, L]."""
    with torch.no_grad():
        scores: NDArray[np.float64] = predictor.activate(logits).double().numpy()
    return scores[:, ranked(predictor.columns)]


def _fit_epoch(
    predictor: Predictor,
    lesson: Lesson,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    epoch: int,
    steps: Steps,
) -> tuple[float, float]:
    """Mean training loss and last learning rate of the epoch."""
    settings = lesson.settings
    batches = lesson.batches(rng)
    total, n = torch.zeros(()), torch.zeros(())
    rate = settings.init_lr
    for i, mols in enumerate(batches):
        rate = learning_rate((epoch - 1) * len(batches) + i, len(batches), settings)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss_sum, n_known = lesson.objective.loss_sum(lesson.forward(predictor, mols), mols)
        (loss_sum / n_known).backward()
        if settings.grad_clip is not None:
            torch.nn.utils.clip_grad_norm_(predictor.parameters(), settings.grad_clip)
        optimizer.step()
        total += loss_sum.detach()
        n += n_known
        steps.advance()
    if not torch.isfinite(total):
        raise _diverged(f"the training loss of epoch {epoch} is", settings)
    return float(total / n), rate


def _diverged(what: str, settings: TrainConfig) -> InputError:
    return InputError(
        f"{what} no longer finite: lower `max_lr` (now {settings.max_lr:g}), or clip gradients with `grad_clip`"
    )


def _rank(result: EpochResult, lesson: Lesson) -> tuple[float, float]:
    """Greater is better: by metric, then by loss; by loss alone where that is asked for or the metric is undefined."""
    loss = result.train_loss if result.valid_loss is None else result.valid_loss
    if result.valid_metric is None or lesson.settings.monitor == "loss":
        return 0.0, -loss
    return (result.valid_metric if lesson.kind == "classification" else -result.valid_metric), -loss


def _state(predictor: Predictor) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in predictor.state_dict().items()}

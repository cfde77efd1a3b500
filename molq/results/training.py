"""What a training came to: its data, its curve, and how well the model does on molecules it never saw."""

from __future__ import annotations

from typing import Literal

from molq.metrics.significance import Interval
from molq.results.comparison import Statistics
from molq.results.curves import FoundCurve, Predicted
from molq.results.shown import Result


class TrainedSection(Result, frozen=True):
    """The model that is saved; float, also where a quantized copy was asked for."""

    name: str
    architecture: str
    feature_set: str
    members: int
    weights: int
    """numbers that were learnt, in all members"""
    size_bytes: int
    content_hash: str


class SideLabels(Result, frozen=True):
    """The labels of a task on one side of the split."""

    labelled: int
    """molecules"""
    actives: int | None
    """None for a regression"""
    mean: float | None
    std: float | None
    """None for a classification, and without labels"""


class TaskLabels(Result, frozen=True):
    """The labels of a task, side by side."""

    name: str
    train: SideLabels
    valid: SideLabels
    test: SideLabels


class RejectedRow(Result, frozen=True):
    """A row that could not be read, the first of the file 0."""

    row: int
    smiles: str
    reason: str


class LearntMolecules(Result, frozen=True):
    """The labelled molecules."""

    name: str
    sha256: str
    """of the file"""
    kind: str
    """classification or regression"""
    molecules: int
    duplicated: int
    """rows whose molecule stands in more than one"""
    rejected: int
    rejected_rows: tuple[RejectedRow, ...]
    """the first few"""
    notes: tuple[str, ...]
    """of how the file was read"""
    tasks: tuple[TaskLabels, ...]


class TrainingSplit(Result, frozen=True):
    """Which molecules were trained on, chosen by, and tested on."""

    method: str
    seed: int | None
    fractions: tuple[float, float, float]
    n_train: int
    n_valid: int
    n_test: int


class Epoch(Result, frozen=True):
    """One pass of one member over the training molecules."""

    member: int
    epoch: int
    """from 1"""
    train_loss: float
    valid_loss: float | None
    valid_metric: float | None
    learning_rate: float


class Confusion(Result, frozen=True):
    """Test molecules by class and by what the model calls them: active from ``threshold`` on."""

    threshold: float
    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int

    @property
    def n_actives(self) -> int:
        return self.true_positives + self.false_negatives

    @property
    def n_inactives(self) -> int:
        return self.false_positives + self.true_negatives

    @property
    def n_called(self) -> int:
        """Called active."""
        return self.true_positives + self.false_positives


class TaskTest(Result, frozen=True):
    """One task on the test molecules."""

    name: str
    metrics: dict[str, float | None]
    """None where it is undefined"""
    chosen: Confusion | None
    """at the threshold of the best balanced accuracy on the validation molecules; None where these have one class"""
    at_half: Confusion | None
    """at 0.5; None for a regression"""
    n: int
    """test molecules with a label"""


class Miss(Result, frozen=True):
    """A prediction of a test molecule that lies far from its label."""

    task: str
    row: int
    """of the file, the first 0"""
    smiles: str
    label: float
    score: float


class TrainedSplit(Result, frozen=True):
    """A model of the same recipe, trained on another split: what it came to on that split's test molecules."""

    seed: int
    n_train: int
    n_test: int
    best_epochs: tuple[int, ...]
    metrics: dict[str, Interval]


class SplitSpread(Result, frozen=True):
    """A metric over splits."""

    mean: float
    std: float
    """standard deviation of single splits (n − 1)"""
    low: float
    high: float
    """the worst and the best of them, in numbers"""


class Repeats(Result, frozen=True):
    """The same training on several splits; the first is that of the model which is kept."""

    splits: tuple[TrainedSplit, ...]
    spread: dict[str, SplitSpread]
    """metric → over the splits on which it is defined"""


class Training(Result, frozen=True, omit_defaults=True):
    """A training and its outcome. Scores are those of the saved model, executed as a screen executes it."""

    format: Literal[1]
    model: TrainedSection
    dataset: LearntMolecules
    split: TrainingSplit
    settings: dict[str, float | int | str | bool]
    metric: str
    """what the epoch is chosen by: roc_auc or rmse"""
    valid_metric: float | None
    """of the whole model on the validation molecules"""
    curve: tuple[Epoch, ...]
    """member after member"""
    best_epochs: tuple[int, ...]
    """per member"""
    statistics: Statistics | None
    """None without test molecules"""
    metrics: dict[str, Interval]
    """means over tasks, on the test molecules"""
    tests: tuple[TaskTest, ...]
    misses: tuple[Miss, ...]
    """the worst first; of a regression of several tasks by error in units of the labels' spread"""
    curves: tuple[FoundCurve, ...] = ()
    """of a classification, a task each; those without both classes among the test molecules have none"""
    predicted: tuple[Predicted, ...] = ()
    """of a regression"""
    repeats: Repeats | None = None

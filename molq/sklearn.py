"""molq's networks as scikit-learn estimators: SMILES in, predictions out.

They go where estimators go: ``cross_val_score``, ``GridSearchCV``, ``Pipeline``, ``clone``, ``pickle``. X is a list, a
NumPy array, a pandas or polars Series of n SMILES, or a table of one such column; scikit-learn's checks that feed
arrays of numbers to an estimator do not apply to them, nor do sample weights.

>>> from molq.sklearn import GNNRegressor
>>> alcohols, lengths = ["C" * n + "O" for n in range(1, 21)], list(range(1, 21))
>>> estimator = GNNRegressor(d_h=16, epochs=2, random_state=0).fit(alcohols, lengths)
>>> estimator.predict(["CCO", "C1CC"]).shape
(2,)
"""

from __future__ import annotations

import hashlib
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from molq.chem.featurize import featurize
from molq.data.labels import LabelledSet
from molq.data.splits import Split, make_split
from molq.errors import InputError
from molq.face.inputs import texts_of, warn_of
from molq.face.model import Model, model_of
from molq.records.trailing import trailing_note, trailing_rows
from molq.training.config import TrainConfig
from molq.workflows.tuning.train import TrainingData, network_config, train

__all__ = ["GNNClassifier", "GNNRegressor"]

_N_NAMED = 5


class GNNClassifier(ClassifierMixin, BaseEstimator):
    """A graph neural network for two classes of any labels.

    Parameters are those of ``molq.train``, with scikit-learn's names where it has some: ``validation_fraction`` of the
    molecules, drawn at random, choose the epoch that is kept (with 0 the one of least training loss does), and
    ``random_state`` decides on that draw, the weights and the order of the molecules. The same rows in another order
    give another model.

    After ``fit``: ``classes_`` (2 labels, sorted) and ``model_``, the ``molq.Model``, of which a pickle holds the bytes
    of its .molq file. For more than two classes put it into ``sklearn.multiclass.OneVsRestClassifier``; for several
    tasks, some labels of which are missing, use ``molq.train``.

    >>> from molq.sklearn import GNNClassifier
    >>> smiles = ["C" * n + end for n in range(1, 11) for end in ("O", "N")]
    >>> estimator = GNNClassifier(d_h=16, epochs=2, random_state=0).fit(smiles, ["alcohol", "amine"] * 10)
    >>> estimator.classes_
    array(['alcohol', 'amine'], dtype='<U7')
    >>> estimator.predict_proba(["CCO", "C1CC"]).shape
    (2, 2)
    """

    classes_: NDArray[Any]
    model_: Model

    def __init__(
        self,
        *,
        arch: str = "dmpnn",
        features: str = "V2",
        d_h: int | None = None,
        depth: int | None = None,
        dropout: float = 0.0,
        members: int = 1,
        epochs: int = 50,
        batch_size: int = 64,
        max_lr: float = 1e-3,
        init_lr: float = 1e-4,
        final_lr: float = 1e-4,
        warmup_epochs: int = 2,
        patience: int | None = None,
        monitor: str = "metric",
        grad_clip: float | None = None,
        class_balance: bool = False,
        validation_fraction: float = 0.1,
        threads: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.arch = arch
        self.features = features
        self.d_h = d_h
        self.depth = depth
        self.dropout = dropout
        self.members = members
        self.epochs = epochs
        self.batch_size = batch_size
        self.max_lr = max_lr
        self.init_lr = init_lr
        self.final_lr = final_lr
        self.warmup_epochs = warmup_epochs
        self.patience = patience
        self.monitor = monitor
        self.grad_clip = grad_clip
        self.class_balance = class_balance
        self.validation_fraction = validation_fraction
        self.threads = threads
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Trains on n SMILES and n labels of two classes.

        Raises InputError, naming rows, for SMILES that do not parse, and for labels of fewer or more than two classes.
        """
        labels = np.asarray(y)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        kind = type_of_target(labels, input_name="y")
        if kind not in ("binary", "multiclass"):
            raise InputError(f"y is {kind}, not one label of two classes per molecule; molq.train takes several tasks")
        classes, codes = np.unique(labels, return_inverse=True)
        if len(classes) != 2:
            more = "; put the estimator into OneVsRestClassifier" if len(classes) > 2 else ""
            raise InputError(f"y holds {len(classes)} classes, and this estimator tells two apart{more}")
        self.model_ = _fitted(self, X, codes.reshape(-1, 1), "classification", self.class_balance)
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Probabilities [n, 2] of ``classes_``; NaN where a SMILES does not parse."""
        check_is_fitted(self)
        second = self.model_.predict(_column(X))
        return np.stack([1 - second, second], axis=1)

    def predict(self, X: Any) -> NDArray[Any]:
        """Labels [n], the likelier class of each. Raises InputError, naming rows, for SMILES that do not parse."""
        check_is_fitted(self)
        smiles = _column(X)
        second, reasons = self.model_.predict(smiles, reasons=True)
        _refuse({i: reason for i, reason in enumerate(reasons) if reason is not None}, smiles, "have no score")
        labels: NDArray[Any] = self.classes_[(second > 0.5).astype(np.int64)]
        return labels

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return _of_smiles(tags)


class GNNRegressor(RegressorMixin, BaseEstimator):
    """A graph neural network for one number per molecule, or for several.

    Parameters are those of ``GNNClassifier``. After ``fit``: ``model_``, the ``molq.Model``, of which a pickle holds
    the bytes of its .molq file.

    >>> from molq.sklearn import GNNRegressor
    >>> smiles, lengths = ["C" * n + "O" for n in range(1, 21)], list(range(1, 21))
    >>> GNNRegressor(d_h=16, epochs=2, random_state=0).fit(smiles, lengths).predict(smiles).shape
    (20,)
    """

    model_: Model

    def __init__(
        self,
        *,
        arch: str = "dmpnn",
        features: str = "V2",
        d_h: int | None = None,
        depth: int | None = None,
        dropout: float = 0.0,
        members: int = 1,
        epochs: int = 50,
        batch_size: int = 64,
        max_lr: float = 1e-3,
        init_lr: float = 1e-4,
        final_lr: float = 1e-4,
        warmup_epochs: int = 2,
        patience: int | None = None,
        monitor: str = "metric",
        grad_clip: float | None = None,
        validation_fraction: float = 0.1,
        threads: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.arch = arch
        self.features = features
        self.d_h = d_h
        self.depth = depth
        self.dropout = dropout
        self.members = members
        self.epochs = epochs
        self.batch_size = batch_size
        self.max_lr = max_lr
        self.init_lr = init_lr
        self.final_lr = final_lr
        self.warmup_epochs = warmup_epochs
        self.patience = patience
        self.monitor = monitor
        self.grad_clip = grad_clip
        self.validation_fraction = validation_fraction
        self.threads = threads
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Trains on n SMILES and n numbers, or [n, T] numbers of which some of a molecule may be missing (NaN).

        Raises InputError, naming rows, for SMILES that do not parse and for labels that are no finite numbers.
        """
        values = _numbers(y)
        self.model_ = _fitted(self, X, values, "regression", class_balance=False)
        return self

    def predict(self, X: Any) -> NDArray[np.float32]:
        """Values [n], or [n, T], in the unit of y; NaN where a SMILES does not parse."""
        check_is_fitted(self)
        return self.model_.predict(_column(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return _of_smiles(tags)


def _fitted(estimator: Any, X: Any, labels: NDArray[Any], kind: str, class_balance: bool) -> Model:
    """The model trained on SMILES with labels [n, T]."""
    smiles = _column(X)
    if len(smiles) != len(labels):
        raise InputError(f"X holds {len(smiles)} molecules and y {len(labels)} labels")
    warn_of(trailing_note(len(trailing_rows(smiles))))
    featurized = featurize(smiles)
    _refuse({one.row: one.reason for one in featurized.rejected}, smiles)
    tasks = ("y",) if labels.shape[1] == 1 else tuple(f"y{t}" for t in range(labels.shape[1]))
    y = labels.astype(np.float32)
    digest = hashlib.sha256("\n".join(smiles).encode() + y.tobytes()).hexdigest()
    labelled = LabelledSet("fit", smiles, np.arange(len(smiles)), featurized.graphs, y, tasks, kind, [], digest)
    seed = estimator.random_state
    if not isinstance(seed, int):
        seed = int(check_random_state(seed).randint(2**31 - 1))
    settings = TrainConfig(
        epochs=estimator.epochs,
        batch_size=estimator.batch_size,
        max_lr=estimator.max_lr,
        init_lr=estimator.init_lr,
        final_lr=estimator.final_lr,
        warmup_epochs=estimator.warmup_epochs,
        patience=estimator.patience,
        monitor=estimator.monitor,
        class_balance=class_balance,
        seed=seed,
        grad_clip=estimator.grad_clip,
        n_members=estimator.members,
        n_threads=estimator.threads,
    )
    config = network_config(
        labelled,
        arch=estimator.arch,
        features=estimator.features,
        d_h=estimator.d_h,
        depth=estimator.depth,
        dropout=estimator.dropout,
    )
    data = TrainingData(labelled, _split(smiles, estimator.validation_fraction, seed))
    trained = train(data, config, settings, name=type(estimator).__name__)
    return model_of(trained.model.network, trained.model.card)


def _split(smiles: list[str], validation_fraction: float, seed: int) -> Split:
    if not 0 <= validation_fraction < 1:
        raise InputError(f"`validation_fraction` must lie in [0, 1), not {validation_fraction}")
    return make_split(smiles, "random", seed, (1 - validation_fraction, validation_fraction, 0.0))


def _column(X: Any) -> list[str]:
    """The SMILES of X, which may be a table of one column; what is no text is empty."""
    shape: tuple[int, ...] = getattr(X, "shape", ())
    if len(shape) == 2:
        if shape[1] != 1:
            raise InputError(f"X has {shape[1]} columns; give the one that holds SMILES")
        X = X.iloc[:, 0] if hasattr(X, "iloc") else X.to_series() if hasattr(X, "to_series") else X[:, 0]
    return texts_of(X)


def _numbers(y: ArrayLike) -> NDArray[np.float64]:
    """[n, T]"""
    try:
        values = np.asarray(y, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"y holds what is no number: {error}") from error
    values = values.reshape(-1, 1) if values.ndim == 1 else values
    if values.ndim != 2:
        raise InputError(f"y has {values.ndim} dimensions; give [n] or [n, T]")
    for row in np.flatnonzero(np.isinf(values).any(axis=1) | np.isnan(values).all(axis=1))[:1]:
        raise InputError(f"y, row {row}: {values[row].tolist()} holds no finite number")
    return values


def _refuse(reasons: dict[int, str], smiles: list[str], fault: str = "cannot be read") -> None:
    """Raises InputError when there is a reason."""
    if reasons:
        told = "; ".join(f"row {i}, {smiles[i]!r}: {reason}" for i, reason in list(reasons.items())[:_N_NAMED])
        more = f"; and {len(reasons) - _N_NAMED} more" if len(reasons) > _N_NAMED else ""
        raise InputError(f"{len(reasons)} of {len(smiles)} molecules {fault}: {told}{more}")


def _of_smiles(tags: Any) -> Any:
    tags.input_tags.two_d_array = False
    tags.input_tags.one_d_array = True
    tags.input_tags.string = True
    return tags

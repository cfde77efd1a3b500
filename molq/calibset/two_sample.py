"""Are two samples of molecules drawn from one distribution: kernel distance, classifier, permutations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.metrics.ranking import roc_auc

_N_FOLDS = 5


def mmd(kernel_xx: NDArray[np.float32], kernel_xy: NDArray[np.float32], mean_yy: float) -> float:
    """Unbiased squared maximum mean discrepancy; ``mean_yy`` is the mean kernel of distinct pairs of y.

    Source: Gretton et al., J. Mach. Learn. Res. 13, 723 (2012), eq. 3.
    """
    return mean_of_pairs(kernel_xx) - 2 * float(kernel_xy.mean(dtype=np.float64)) + mean_yy


def mean_of_pairs(kernel: NDArray[np.float32]) -> float:
    """Mean over the pairs of distinct molecules of a square kernel [n, n]."""
    n = len(kernel)
    return float(kernel.sum(dtype=np.float64) - np.trace(kernel)) / (n * (n - 1))


def classifier_auc(x: NDArray[np.float32], y: NDArray[np.float32], seed: int) -> float:
    """Cross-validated ROC-AUC of telling rows of x [n, f] from rows of y [m, f]; 0.5 when they cannot be told apart.

    Logistic regression, mean over five folds; of ``seed`` the lowest 32 bits count. Source: Lopez-Paz and Oquab, ICLR
    2017 (classifier two-sample tests).
    """
    seed %= 2**32
    rows = np.concatenate([x, y])
    labels = np.concatenate([np.ones(len(x), np.int64), np.zeros(len(y), np.int64)])
    from sklearn import config_context  # late: it takes a second, and most calls need none
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(_N_FOLDS, shuffle=True, random_state=seed)
    aucs = []
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for train, test in folds.split(rows, labels):
            model = LogisticRegression(C=0.05, class_weight="balanced", solver="liblinear", random_state=seed)
            model.fit(rows[train], labels[train])
            aucs.append(roc_auc(labels[test], model.decision_function(rows[test])))
    return float(np.mean(aucs))


def relabellings(n_x: int, n_y: int, n_permutations: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which of the pooled molecules count as x [1 + p, n_x + n_y]: the true labels (x first), then permutations."""
    labels = np.zeros((1 + n_permutations, n_x + n_y), np.bool_)
    labels[:, :n_x] = True
    labels[1:] = rng.permuted(labels[1:], axis=1)
    return labels


def wasserstein_permutation_p(values: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Share of ``labels`` [1 + p, n] that set the pooled ``values`` [n] at least as far apart as the first row does."""
    order = np.argsort(values, kind="stable")
    gaps = np.diff(values[order])
    n_x = int(labels[0].sum())
    steps = np.where(labels[:, order], 1 / n_x, -1 / (len(values) - n_x))
    distances = np.abs(np.cumsum(steps, axis=1)[:, :-1]) @ gaps
    return _share_at_least_first(distances)


def mmd_permutation_p(kernel: NDArray[np.float32], labels: NDArray[np.bool_]) -> float:
    """Share of ``labels`` [1 + p, n] whose discrepancy on a pooled kernel [n, n] is at least that of the first row."""
    is_x = labels.T.astype(np.float32)
    n_x = int(labels[0].sum())
    n_y = len(kernel) - n_x
    sum_xx = (is_x * (kernel @ is_x)).sum(axis=0, dtype=np.float64)
    sum_x = kernel.sum(axis=1, dtype=np.float64) @ is_x
    trace_x = np.diag(kernel).astype(np.float64) @ is_x
    sum_yy = kernel.sum(dtype=np.float64) - 2 * sum_x + sum_xx
    within_x = (sum_xx - trace_x) / (n_x * (n_x - 1))
    within_y = (sum_yy - (np.trace(kernel) - trace_x)) / (n_y * (n_y - 1))
    return _share_at_least_first(within_x + within_y - 2 * (sum_x - sum_xx) / (n_x * n_y))


def _share_at_least_first(values: NDArray[np.float64]) -> float:
    return float(np.count_nonzero(values >= values[0] - 1e-9 * max(1.0, abs(float(values[0]))))) / len(values)

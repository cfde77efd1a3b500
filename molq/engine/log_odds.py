"""What atoms add to: the output of a task before a sigmoid or a softmax, as a function of the logits of all members.

Of a probability it is log(p / (1 − p)), so that its sigmoid is the score; of a value the value itself. The members of
an ensemble are averaged as their scores are, which for probabilities is not the mean of their logits.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from molq.columns import Column
from molq.engine.outputs import F64
from molq.errors import InputError
from molq.nn.ensemble import Network

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PIECES = 4
"""of the way between two points, on each of which the integral takes that many nodes"""


class Output(Protocol):
    """A number made of logits [n, M, L] of M members."""

    def value(self, logits: F64) -> F64:
        """[n]."""
        ...

    def weights(self, start: F64, stop: F64) -> F64:
        """The mean slope [n, M, L] on the straight way from ``start`` to ``stop``: Σ weights · (stop − start) is the
        difference of the values there."""
        ...


def output_of(network: Network, column: Column) -> Output:
    """What stands behind that column. Raises InputError for one that is no prediction."""
    if not column.is_prediction:
        raise InputError(
            f"atoms add to predictions, and {column.name} is not one: it says how sure a prediction is; ask for"
            f" {column.task}"
        )
    outputs, members = network.outputs, network.members
    task = network.tasks.index(column.task)
    first, n_logits = task * outputs.form.n_logits, outputs.form.n_logits
    shape = (len(members), network.members[0].config.n_logits)
    if outputs.kind == "regression":
        n_averaged = 2 if outputs.uncertainty == "quantile" else 1
        slopes, offset = np.zeros(shape), 0.0
        for m, member in enumerate(members):
            slopes[m, first : first + n_averaged] = member.output_scale[task].item() / n_averaged / len(members)
            offset += member.output_mean[task].item() / len(members)
        return WeightedSum(slopes, offset)
    if outputs.kind == "classification" and outputs.uncertainty is None and len(members) == 1:
        slopes = np.zeros(shape)
        slopes[0, first] = 1
        return WeightedSum(slopes, 0.0)
    own = [c for c in network.columns if c.task == column.task]
    chosen = own.index(column) if outputs.kind == "multiclass" else 1
    return LogOdds(first, n_logits, chosen, outputs.uncertainty is not None)


class WeightedSum(NamedTuple):
    """A weighted sum of logits."""

    slopes: F64
    """[M, L]"""
    offset: float

    def value(self, logits: F64) -> F64:
        found: F64 = (logits * self.slopes).sum((1, 2)) + self.offset
        return found

    def weights(self, start: F64, stop: F64) -> F64:
        return np.broadcast_to(self.slopes, stop.shape)


class LogOdds(NamedTuple):
    """log(p / (1 − p)) of the mean probability of a class; the logits of a task stand from ``first`` on."""

    first: int
    n_logits: int
    chosen: int
    is_dirichlet: bool

    def value(self, logits: F64) -> F64:
        log_evidence, _ = self._evidence(logits)
        log_p, log_q, _ = self._shares(log_evidence)
        found: F64 = np.logaddexp.reduce(log_p, axis=1) - np.logaddexp.reduce(log_q, axis=1)
        return found

    def weights(self, start: F64, stop: F64) -> F64:
        mean = np.zeros(np.broadcast_shapes(start.shape, stop.shape))
        for piece in range(_PIECES):
            for node, weight in zip(_NODES, _WEIGHTS, strict=True):
                at = (piece + (1 + node) / 2) / _PIECES
                mean += weight / 2 / _PIECES * self._slopes(start + at * (stop - start))
        return mean

    def _evidence(self, logits: F64) -> tuple[F64, F64]:
        """Logarithms of what the classes share out [n, M, k], and their slopes."""
        z = logits[:, :, self.first : self.first + self.n_logits]
        if self.n_logits == 1:
            z = np.concatenate([np.zeros_like(z), z], axis=2)
        if not self.is_dirichlet:
            return z, np.ones_like(z)
        evidence = np.logaddexp(0, z) + 1
        return np.log(evidence), 1 / ((1 + np.exp(-z)) * evidence)

    def _shares(self, y: F64) -> tuple[F64, F64, F64]:
        """[n, M]: log p of the class, log(1 − p), and the logarithm of all evidence for others."""
        total = np.logaddexp.reduce(y, axis=2)
        others = np.logaddexp.reduce(np.delete(y, self.chosen, axis=2), axis=2)
        return y[:, :, self.chosen] - total, others - total, others

    def _slopes(self, logits: F64) -> F64:
        y, inner = self._evidence(logits)
        log_p, log_q, others = self._shares(y)
        # of members, by how much of the mean probability, and of its opposite, comes of each
        share_p = np.exp(log_p - np.logaddexp.reduce(log_p, axis=1)[:, None])[:, :, None]
        share_q = np.exp(log_q - np.logaddexp.reduce(log_q, axis=1)[:, None])[:, :, None]
        p = np.exp(y - np.logaddexp.reduce(y, axis=2)[:, :, None])
        is_chosen = np.arange(y.shape[2]) == self.chosen
        among_others = np.exp(np.where(is_chosen, -np.inf, y - others[:, :, None]))
        slopes = (share_p * (is_chosen - p) - share_q * (among_others - p)) * inner
        found = np.zeros_like(logits)
        found[:, :, self.first : self.first + self.n_logits] = slopes[:, :, -self.n_logits :]
        return found

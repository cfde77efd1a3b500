"""A network as a sum over atoms: the first layer of its head applied to the states of atoms before they are summed.

Sum, mean and norm readouts are sums, and a head's first layer is linear but for what quantization rounds in it, so what
each atom adds to the first hidden layer is known from its environment. States are those of the engine, in the executed
integers. The head's layers are taken as stored, unrounded: what their inputs would lose to rounding is the difference
between these scores and the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.columns import Column
from molq.engine import kernels
from molq.engine.activation import Activation, lower_activation
from molq.engine.engine import BLOCK_ROWS, ENVIRONMENTS, PLANS
from molq.engine.environments import AtomEnvironments, EdgeEnvironments
from molq.engine.outputs import F32, member_outputs, scores_of
from molq.engine.pooling import Pooling
from molq.engine.product import table_weight
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary, walk_over
from molq.errors import UnsupportedError
from molq.nn.ensemble import Network
from molq.nn.predictor import Predictor

_CACHE_BYTES = 256 * 2**20
_STRAIGHT = (("regression", None), ("regression", "mve"), ("regression", "evidential"))
"""kinds of outputs and of their uncertainty whose predictions are lines of a logit each"""


class AtomGroups(NamedTuple):
    """Atoms of graphs, grouped."""

    atoms: NDArray[np.int32]
    """[T]"""
    ptr: NDArray[np.int32]
    """[n+1]: group i holds atoms ptr[i]:ptr[i + 1]"""


class Unit(NamedTuple):
    """The way from hidden values to a weighted sum of logits, with one hidden layer."""

    activation: Activation
    weight: F32
    """[width]"""
    bias: float


class Line(NamedTuple):
    """A score that is ``slope`` times a logit, and ``start``."""

    logit: int
    slope: float
    start: float


class _Member(NamedTuple):
    predictor: Predictor
    plan: object
    key: tuple[bool, bool, int]
    matrix: F32
    """[d, width]: the head's first layer and all linear between it and the sum of atoms"""
    bias: F32
    """[width]"""
    rest: list[tuple[F32, F32]]
    """matrix [n, m] and bias [m] of each further layer"""
    act: Activation


class Additive:
    """What atoms add to the first hidden layers of a network's members, laid side by side, and scores of the sums.

    Raises UnsupportedError for a network that is no sum over atoms.
    """

    def __init__(self, network: Network) -> None:
        for member in network.members:
            _require_additive(member)
        self.network = network
        self.radius = max(member.config.depth for member in network.members)
        self.is_mean = network.members[0].config.readout == "mean"
        if any((member.config.readout == "mean") != self.is_mean for member in network.members):
            raise UnsupportedError("members with mean readouts and others together cannot score a space")
        self._capacity = max(
            min(ENVIRONMENTS, _CACHE_BYTES // (4 * sum(m.config.d_h for m in network.members))), BLOCK_ROWS
        )
        self._begin()
        self.width = sum(member.matrix.shape[1] for member in self._members)
        self.bias = np.concatenate([member.bias for member in self._members])

    def fill_rows(self, graphs: PackedGraphs, targets: AtomGroups, rows: F32) -> None:
        """rows [n, width] ← what the atoms of each group add to the first hidden layers, before bias and mean."""
        walk = walk_over(graphs, self._scratch)
        numbers = {key: found.number(walk, self._scratch, targets.atoms) for key, found in self._environments.items()}
        start = 0
        for member in self._members:
            member.plan.fill()  # type: ignore[attr-defined]
            z = np.empty((len(targets.ptr) - 1, member.predictor.config.d_h), np.float32)
            kernels.pool_sum(member.plan.states, numbers[member.key], targets.ptr, z)  # type: ignore[attr-defined]
            stop = start + member.matrix.shape[1]
            np.matmul(z, member.matrix, out=rows[:, start:stop])
            start = stop

    def hidden(self, sums: F32, n_atoms: NDArray[np.integer]) -> F32:
        """[n, width] before the activation, of the sums [n, width] over molecules of so many atoms [n]."""
        if self.is_mean:
            sums = sums / n_atoms.astype(np.float32)[:, None]
        return sums + self.bias

    def logits(self, hidden: F32) -> list[F32]:
        """[n, L] of each member."""
        found, start = [], 0
        for member in self._members:
            width = member.matrix.shape[1]
            x = np.ascontiguousarray(hidden[:, start : start + width])
            start += width
            for matrix, bias in member.rest:
                kernels.activate_rows(x, *member.act)
                x = x @ matrix + bias
            found.append(x)
        return found

    def scores(self, hidden: F32) -> F32:
        """[n, C], the columns of the network."""
        outputs = [
            member_outputs(member.predictor, logits)
            for member, logits in zip(self._members, self.logits(hidden), strict=True)
        ]
        return scores_of(outputs, self.network.outputs)

    def unit(self, of_logits: Mapping[int, float]) -> Unit | None:
        """The short way to a sum of logits by their weights; None where ``logits`` have to be asked."""
        (member, *others) = self._members
        if others or len(member.rest) != 1:
            return None
        ((matrix, bias),) = member.rest
        row = sum(weight * matrix[:, logit].astype(np.float64) for logit, weight in of_logits.items())
        total = sum(weight * float(bias[logit]) for logit, weight in of_logits.items())
        return Unit(member.act, np.ascontiguousarray(row, np.float32), total)

    def scores_of_logits(self, logits: F32) -> F32:
        """Scores [n, C] of the logits [n, L] of a network of one member."""
        (member,) = self._members
        return scores_of([member_outputs(member.predictor, logits)], self.network.outputs)

    def _begin(self) -> None:
        self._scratch, vocabulary = Scratch(), Vocabulary()
        self._environments: dict[tuple[bool, bool, int], EdgeEnvironments | AtomEnvironments] = {}
        self._members = [self._lower(member.eval(), vocabulary) for member in self.network.members]

    def _lower(self, member: Predictor, vocabulary: Vocabulary) -> _Member:
        config = member.config
        key = (config.architecture == "dmpnn", config.undirected, config.depth)
        if key not in self._environments:
            self._environments[key] = (
                EdgeEnvironments(vocabulary, config.depth, config.undirected, self._capacity)
                if config.architecture == "dmpnn"
                else AtomEnvironments(vocabulary, config.depth, self._capacity)
            )
        plan = PLANS[config.architecture](member, self._environments[key], self._scratch)
        pooling = Pooling(member)
        layers = [table_weight(layer) for layer in member.head.layers]
        (weight, bias), *rest = layers
        if pooling.affine is not None:
            scale, shift = (part.astype(np.float64) for part in pooling.affine)
            bias = bias + weight @ shift
            weight = weight * scale
        if pooling.how == "norm":
            weight = weight / float(pooling.norm)
        return _Member(
            member,
            plan,
            key,
            np.ascontiguousarray(weight.T, np.float32),
            bias.astype(np.float32),
            [(np.ascontiguousarray(w.T, np.float32), b.astype(np.float32)) for w, b in rest],
            lower_activation(member.head.act),
        )


def leading_logit(network: Network, column: Column) -> int | None:
    """The logit of a single model of which a prediction is a rising function, None where it depends on several."""
    (member, *others) = network.members
    outputs = network.outputs
    if others or (outputs.kind, outputs.uncertainty) not in (
        ("classification", None),
        *_STRAIGHT,
    ):
        return None
    task = network.tasks.index(column.task)
    if column.part != "value" or float(member.output_scale[task]) <= 0:
        return None
    return task * outputs.form.n_logits


def line_of(network: Network, column: Column) -> Line | None:
    """How a column is made of one logit, where it is a line of it; None where it is not."""
    (member, *others) = network.members
    outputs = network.outputs
    if others or column.part != "value" or (outputs.kind, outputs.uncertainty) not in _STRAIGHT:
        return None
    task = network.tasks.index(column.task)
    slope, start = float(member.output_scale[task]), float(member.output_mean[task])
    return Line(task * outputs.form.n_logits, slope, start)


def _require_additive(member: Predictor) -> None:
    config = member.config
    if config.architecture not in PLANS:
        raise UnsupportedError(
            f"a model of architecture {config.architecture!r} cannot score a space: it reads atoms through attention"
            " and gates, not as a sum; models of the other architectures (dmpnn, ampnn, gine) can"
        )
    if config.readout not in ("sum", "mean", "norm"):
        raise UnsupportedError(
            f"a model with readout {config.readout!r} cannot score a space: the weights of its atoms depend on all of"
            " them; models with sum, mean and norm readouts can"
        )
    if config.n_extras:
        raise UnsupportedError(
            "a model that takes molecule features cannot score a space: they are no sums over atoms; models of the"
            " graph alone can"
        )
    if member.recipe.adds_hydrogens or member.recipe.keeps_hydrogens:
        raise UnsupportedError(
            "a model that takes hydrogens as atoms cannot score a space; models with implicit hydrogens can"
        )

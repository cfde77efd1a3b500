"""Engine: scores of packed graphs, the one executed model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, batches
from molq.columns import with_spread
from molq.engine.ampnn_plan import AMPNNPlan
from molq.engine.contributions import Inputs, MemberReading, Parts, joined, parts_of
from molq.engine.dmpnn_plan import DMPNNPlan
from molq.engine.environments import AtomEnvironments, EdgeEnvironments
from molq.engine.gine_plan import GINEPlan
from molq.engine.log_odds import Output, output_of
from molq.engine.outputs import F32, F64, scores_of
from molq.engine.pooling import HeadPlan
from molq.engine.possible import require_extras, require_possible
from molq.engine.scratch import Scratch
from molq.engine.torch_plan import TorchPlan
from molq.engine.walk import Vocabulary, Walk, walk_over
from molq.errors import InputError, UnsupportedError
from molq.nn.ensemble import Network
from molq.nn.predictor import Predictor

T = TypeVar("T")
PLANS: dict[str, Any] = {"dmpnn": DMPNNPlan, "ampnn": AMPNNPlan, "gine": GINEPlan}
BLOCK_ROWS = 512
ENVIRONMENTS = 64 * 1024
"""kept at most: enough for nine of ten atoms of a drug-like library"""
CACHE_BYTES = 384 * 2**20


class Engine:
    """Scores molecules with a model, quantized or not; a molecule's score never depends on its batch-mates.

    Plans of fused kernels run it; AttentiveFP runs in torch with the same matrix products. The members of an ensemble
    share the walk over the graphs. Tables hold ``ENVIRONMENTS``, or as many as ``cache_bytes`` have room for; beyond
    that, those that are rarely met go. Scores do not depend on it, nor on a call that was interrupted: its tables are
    thrown away. With ``spread`` the columns are followed by their standard deviations between members; raises
    InputError for a single model, which has none.
    """

    def __init__(self, network: Network, cache_bytes: int = CACHE_BYTES, *, spread: bool = False) -> None:
        if spread and len(network.members) == 1:
            raise InputError("`spread` is how far the members of an ensemble lie apart, and this is a single model")
        self.columns = with_spread(network.columns) if spread else network.columns
        self.recipe = network.recipe
        self._network, self._spread = network, spread
        row_floats = sum(member.config.d_h for member in network.members)
        self._capacity = max(min(ENVIRONMENTS, cache_bytes // (4 * row_floats)), BLOCK_ROWS)
        self._begin()

    def contributions(self, graphs: PackedGraphs, column: str) -> Parts:
        """What each atom adds to the output behind a column of predictions, from the states that scores come of.

        Raises InputError for a name of no prediction, UnsupportedError for a readout that is no sum over atoms.
        """
        found = [c for c in self._network.columns if c.name == column]
        if not found:
            names = ", ".join(c.name for c in self._network.columns if c.is_prediction)
            raise InputError(f"the model has no score {column!r}; it predicts {names}")
        if any(member.config.readout == "superatom" for member in self._network.members):
            raise UnsupportedError(
                "AttentiveFP reads atoms through attention and gates, not as a sum, so no atom has a part of its score;"
                " models of the other architectures (dmpnn, ampnn, gine) have"
            )
        output = output_of(self._network, found[0])
        return joined(self._each_block(graphs, lambda block: self._block_parts(block, output)))

    def _begin(self) -> None:
        """Empty tables."""
        self._vocabulary, self._scratch = Vocabulary(), Scratch()
        self._environments: dict[_Key, EdgeEnvironments | AtomEnvironments] = {}
        self._members = [self._lower(member.eval()) for member in self._network.members]
        self._is_whole = True

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        """Scores float32 [n, C] of the columns; those of an ensemble are of its members' mean outputs.

        Those that overflow are not finite. Raises InputError for graphs that no molecule has.
        """
        blocks = self._each_block(graphs, self._block_scores)
        return np.concatenate([np.zeros((0, len(self.columns)), np.float32), *blocks])

    def logits(self, graphs: PackedGraphs) -> F32:
        """What the last layer of the head gives [n, L], those of all members side by side.

        Raises UnsupportedError for an architecture that torch executes, InputError as ``scores`` does.
        """
        if any(isinstance(member, _TorchMember) for member in self._members):
            raise UnsupportedError("AttentiveFP is executed as a whole, and its logits are not told apart")
        return np.concatenate(self._each_block(graphs, self._block_logits))

    def _block_logits(self, block: PackedGraphs) -> F32:
        walk = walk_over(block, self._scratch)
        numbers = {key: found.number(walk, self._scratch) for key, found in self._environments.items()}
        members = [m for m in self._members if isinstance(m, _LoweredMember)]
        return np.concatenate([member.logits(block, walk, numbers) for member in members], axis=1)

    def _each_block(self, graphs: PackedGraphs, work: Callable[[PackedGraphs], T]) -> list[T]:
        """What ``work`` makes of each block of molecules; tables that it leaves half-filled are thrown away."""
        require_possible(graphs)
        for member in self._network.members:
            require_extras(graphs, member.config.n_extras)
        if not self._is_whole:
            self._begin()
        self._is_whole = False
        with np.errstate(over="ignore", invalid="ignore"):
            blocks = [work(block) for block in batches(graphs, BLOCK_ROWS)]
        self._is_whole = True
        return blocks

    def _block_parts(self, block: PackedGraphs, output: Output) -> Parts:
        walk = walk_over(block, self._scratch)
        numbers = {key: found.number(walk, self._scratch) for key, found in self._environments.items()}
        members = [m for m in self._members if isinstance(m, _LoweredMember)]
        return parts_of(block, [member.reading(block, walk, numbers) for member in members], output)

    def _block_scores(self, block: PackedGraphs) -> F32:
        """Scores [n, C] of a block of molecules."""
        walk = walk_over(block, self._scratch)
        numbers = {key: found.number(walk, self._scratch) for key, found in self._environments.items()}
        outputs = [member.outputs(block, walk, numbers) for member in self._members]
        return scores_of(outputs, self._network.outputs, spread=self._spread)

    def _lower(self, member: Predictor) -> _Member:
        config = member.config
        if config.architecture == "attentivefp":
            return _TorchMember(TorchPlan(member))
        key = (config.architecture == "dmpnn", config.undirected, config.depth)
        if key not in self._environments:
            self._environments[key] = (
                EdgeEnvironments(self._vocabulary, config.depth, config.undirected, self._capacity)
                if config.architecture == "dmpnn"
                else AtomEnvironments(self._vocabulary, config.depth, self._capacity)
            )
        plan = PLANS[config.architecture](member, self._environments[key], self._scratch)
        return _LoweredMember(plan, HeadPlan(member, self._scratch), key, Inputs(member))


_Key = tuple[bool, bool, int]
"""edges or atoms, undirected, depth"""
_Numbers = dict[_Key, NDArray[np.int32]]


class _Member(Protocol):
    def outputs(self, block: PackedGraphs, walk: Walk, numbers: _Numbers) -> F64:
        """Outputs [n, C]; ``numbers`` holds the environment of every atom [N] per kind and depth."""
        ...


class _LoweredMember(NamedTuple):
    plan: DMPNNPlan | AMPNNPlan | GINEPlan
    head: HeadPlan
    key: _Key
    inputs: Inputs

    def outputs(self, block: PackedGraphs, walk: Walk, numbers: _Numbers) -> F64:
        return self.head.outputs(self._pooled(block, walk, numbers), block.extras)

    def logits(self, block: PackedGraphs, walk: Walk, numbers: _Numbers) -> F32:
        """Logits [n, L]."""
        return self.head.path(self._pooled(block, walk, numbers), block.extras).logits

    def reading(self, block: PackedGraphs, walk: Walk, numbers: _Numbers) -> MemberReading:
        row, z = numbers[self.key], self._pooled(block, walk, numbers)
        share = self.plan.pooling.share(self.plan.states, row, block.atom_ptr)
        start = self.head.path(share.nothing[None], self.head.mean_extras)
        return MemberReading(
            self.plan.states, row, share, self.head.path(z, block.extras), start, self.head, self.inputs
        )

    def _pooled(self, block: PackedGraphs, walk: Walk, numbers: _Numbers) -> F32:
        z = np.empty((block.n_mols, self.plan.d), np.float32)
        self.plan.pool(walk, numbers[self.key], z)
        return z


class _TorchMember(NamedTuple):
    plan: TorchPlan

    def outputs(self, block: PackedGraphs, walk: Walk, numbers: _Numbers) -> F64:
        return self.plan.outputs(block)

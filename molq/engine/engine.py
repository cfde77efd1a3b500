"""Engine: scores of packed graphs, the one executed model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, slice_graphs
from molq.engine.gine_plan import GINEPlan
from molq.engine.mpnn_plan import AMPNNPlan, DMPNNPlan
from molq.engine.pooling import HeadPlan
from molq.engine.scratch import Scratch
from molq.engine.torch_backend import TorchPlan
from molq.engine.walk import Vocabulary
from molq.errors import UnsupportedError
from molq.nn.ensemble import Model
from molq.nn.predictor import Predictor

PLANS: dict[str, type[DMPNNPlan | AMPNNPlan | GINEPlan]] = {"dmpnn": DMPNNPlan, "ampnn": AMPNNPlan, "gine": GINEPlan}
HEAD_ROWS = 512


class Engine:
    """Scores molecules with a model, quantized or not; a molecule's score never depends on its batch-mates.

    Backend ``cpu`` runs plans of fused kernels (AttentiveFP runs in torch with the same matrix products). Backend
    ``torch`` runs the reference forward on ``device``. The members of an ensemble share the walk over the graphs.
    """

    def __init__(self, model: Model, backend: str = "cpu", device: str = "cpu") -> None:
        if backend not in ("cpu", "torch"):
            raise UnsupportedError(f"unknown backend {backend!r}: choose cpu or torch")
        self.tasks, self.kind = model.tasks, model.kind
        self._vocabulary, self._scratch = Vocabulary(), Scratch()
        self._batch_edges = batch_edges(model.members[0].config.d_h)
        self._members = [self._lower(member.eval(), backend, device) for member in model.members]

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        """Scores float32 [n, T]: probabilities, or values in target units; the mean over the members of an ensemble."""
        total = np.zeros((graphs.n_mols, len(self.tasks)), np.float64)
        for start, stop in _head_blocks(graphs.n_mols):
            block = slice_graphs(graphs, start, stop)
            total[start:stop] = sum(self._block_scores(block))
        return (total / len(self._members)).astype(np.float32)

    def _block_scores(self, block: PackedGraphs) -> list[NDArray[np.float64]]:
        """Scores [n, T] of a block of molecules, one array per member."""
        vectors = {
            i: np.empty((block.n_mols, member.d), np.float32)
            for i, member in enumerate(self._members)
            if isinstance(member, _Lowered)
        }
        if vectors:
            for start, stop in _walk_blocks(block, self._batch_edges):
                walk = self._vocabulary.walk(slice_graphs(block, start, stop), self._scratch)
                for i, z in vectors.items():
                    self._members[i].encoder.pool(walk, z[start:stop])  # type: ignore[union-attr]
        return [
            (member.head.scores(vectors[i]) if isinstance(member, _Lowered) else member.scores(block)).astype(
                np.float64
            )
            for i, member in enumerate(self._members)
        ]

    def _lower(self, member: Predictor, backend: str, device: str) -> _Lowered | TorchPlan:
        plan = PLANS.get(member.config.architecture)
        if backend == "torch" or plan is None:
            return TorchPlan(member, device)
        encoder = plan(member, self._vocabulary, self._scratch)
        return _Lowered(encoder, HeadPlan(member, self._scratch), member.config.d_h)


class _Lowered:
    """One member as plans: graphs to vectors, vectors to scores."""

    def __init__(self, encoder: DMPNNPlan | AMPNNPlan | GINEPlan, head: HeadPlan, d: int) -> None:
        self.encoder, self.head, self.d = encoder, head, d


def batch_edges(d_h: int) -> int:
    """Directed edges per walk: few enough that one layer's states stay in the cache, enough to feed the products."""
    return max(512, min(4096, 600_000 // d_h))


def _head_blocks(n_mols: int) -> list[tuple[int, int]]:
    return [(start, min(start + HEAD_ROWS, n_mols)) for start in range(0, n_mols, HEAD_ROWS)]


def _walk_blocks(graphs: PackedGraphs, n_edges: int) -> list[tuple[int, int]]:
    """Runs of whole molecules with about ``n_edges`` directed edges each, at least one molecule."""
    blocks, start = [], 0
    while start < graphs.n_mols:
        limit = graphs.bond_ptr[start] + n_edges // 2
        stop = max(start + 1, int(np.searchsorted(graphs.bond_ptr, limit, side="right")) - 1)
        blocks.append((start, min(stop, graphs.n_mols)))
        start = blocks[-1][1]
    return blocks

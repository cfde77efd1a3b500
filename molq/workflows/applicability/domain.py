"""Of each molecule, whether its score can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from molq.chem.featurize import featurize, graphs_alone
from molq.chem.fingerprints import nearest_similarities, packed_morgan_fingerprints
from molq.chem.packed import PackedGraphs
from molq.columns import chosen, ranked
from molq.engine.engine import Engine
from molq.engine.environment_set import atom_environments
from molq.nn.ensemble import Network
from molq.results.hits import Belief
from molq.store.molqfile import Loaded
from molq.store.training_set import TrainingSet
from molq.workflows.applicability.remembered import recalled
from molq.workflows.applicability.training_molecules import N_BITS, TrainingMolecules, reference_of, reference_of_card
from molq.workflows.applicability.verdict import verdict_of


class Domain:
    """What is known of the molecules that a model was trained on, ready to be asked. Threads may share it."""

    def __init__(self, network: Network, reference: TrainingMolecules | None) -> None:
        self.reference = reference
        """None where nothing is known of them, and only the members of an ensemble can be asked"""
        self._network = network
        self._engine: Engine | None = None
        self._lock = Lock()

    @property
    def source(self) -> str | None:
        """What pages call the molecules that nearness is measured to."""
        return None if self.reference is None else self.reference.name

    @property
    def size(self) -> int:
        """Molecules of the reference, distinct ones where only their fingerprints are known; 0 without."""
        return 0 if self.reference is None else len(self.reference.fingerprints)

    def beliefs(self, smiles: Sequence[str], column: str | None = None) -> list[Belief]:
        """One for each SMILES, in order; of what cannot be scored nothing is known.

        ``column`` is the one whose spread between members is told, by default the first prediction. Raises InputError
        for a column that the model has not got.
        """
        with self._lock:
            return self._beliefs(smiles, column)

    def _beliefs(self, smiles: Sequence[str], column: str | None) -> list[Belief]:
        columns = self._network.columns
        place = ranked(columns)[0] if column is None else chosen(columns, [column])[0]
        has_spread = len(self._network.members) > 1
        found = (featurize if has_spread else graphs_alone)(smiles, recipe=self._network.recipe)
        told = [Belief()] * len(smiles)
        if not len(found.index):
            return told
        spreads = self._spreads(found.graphs, place) if has_spread else [None] * len(found.index)
        near = [Belief()] * len(found.index)
        if self.reference is not None:
            near = _near(self.reference, [smiles[i] for i in found.index], found.graphs)
        for i, belief, spread in zip(found.index.tolist(), near, spreads, strict=True):
            told[i] = replace(belief, spread=spread)
        return told

    def _spreads(self, graphs: PackedGraphs, place: int) -> list[float | None]:
        """[n] of the column at ``place`` between members; None where a member gives no number."""
        engine, self._engine = self._engine or Engine(self._network, spread=True), None
        spreads = engine.scores(graphs)[:, len(self._network.columns) + place]
        self._engine = engine
        return [float(spread) if np.isfinite(spread) else None for spread in spreads]


def domain_of(model: Loaded, reference: Sequence[str] | None = None, name: str = "the reference") -> Domain | None:
    """The domain of a model; None where it is not known and could not be told from members either.

    ``reference`` holds the SMILES of the molecules that the model was trained on, called ``name``. Without it counts
    what the file remembers, else the registered data set that its card names, where that lies on this machine. Raises
    InputError when none of the ``reference`` can be read.
    """
    known: TrainingMolecules | None
    if reference is not None:
        known = reference_of(reference, name, model.network.recipe)
    elif isinstance(model.card.training_set, TrainingSet):
        known = recalled(model.card.training_set, model.card.name)
    else:
        known = reference_of_card(model)
    return None if known is None and len(model.network.members) == 1 else Domain(model.network, known)


def unseen_shares(graphs: PackedGraphs, reference: TrainingMolecules) -> NDArray[np.float64]:
    """[n] the share of each molecule's atoms whose environment no molecule of the reference has."""
    is_unseen = ~reference.environments.holds(atom_environments(graphs, reference.radius))
    before = np.concatenate([[0], np.cumsum(is_unseen)])
    shares: NDArray[np.float64] = np.diff(before[graphs.atom_ptr]) / np.diff(graphs.atom_ptr)
    return shares


def _near(reference: TrainingMolecules, smiles: Sequence[str], graphs: PackedGraphs) -> list[Belief]:
    """Of each molecule how near it is to the reference."""
    fingerprints = packed_morgan_fingerprints(smiles, n_bits=N_BITS)
    similarities, places = nearest_similarities(fingerprints, reference.fingerprints)
    unseen = unseen_shares(graphs, reference).tolist()
    return [
        Belief(similarity, None if reference.smiles is None else reference.smiles[place], share, None, verdict)
        for similarity, place, share, verdict in zip(
            similarities.tolist(), places.tolist(), unseen, map(verdict_of, similarities.tolist(), unseen), strict=True
        )
    ]

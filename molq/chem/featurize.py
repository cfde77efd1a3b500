"""SMILES to packed graphs: the fast path where it is sure, RDKit for the rest, and RDKit again for a part of the sure.

Every input comes back exactly once, with the bytes that RDKit alone would have given (``featurize_with_rdkit``).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from molq.chem.audit import AUDIT_RATE
from molq.chem.cuik_featurize import featurize_with_cuik
from molq.chem.extras import completed
from molq.chem.fastpath.compiling import compilation
from molq.chem.fastpath.kernel import pack_batch
from molq.chem.fastpath.known_rings import known_rings
from molq.chem.fastpath.learning import learn_rings
from molq.chem.fastpath.memory import RingMemory
from molq.chem.fastpath.verdicts import SURE, UNKNOWN_RINGS
from molq.chem.fastpath.workspace import make_workspace
from molq.chem.featurized import Featurized
from molq.chem.followed import followed
from molq.chem.packed import PackedGraphs, concat, empty_graphs, no_extras, slice_graphs, take
from molq.chem.rdkit_featurize import graph_or_reason
from molq.chem.recipe import PLAIN, Recipe
from molq.errors import InputError
from molq.records.cells import Cells

_Ints = NDArray[np.int64]


def featurize(smiles: Sequence[str], max_atoms: int = 1000, recipe: Recipe = PLAIN) -> Featurized:
    """Graphs of the molecules that parse, rejections of the others, ``index`` and ``row`` counting from 0.

    With the graphs comes all that the recipe wants beside them; a molecule that has not got it is rejected.
    ``max_atoms`` bounds the atoms of one molecule; hydrogens that the recipe adds do not count. Warns once if the fast
    path is ever found to differ from RDKit.
    """
    return completed(graphs_alone(smiles, max_atoms, recipe), smiles, recipe)


def graphs_alone(smiles: Sequence[str], max_atoms: int = 1000, recipe: Recipe = PLAIN) -> Featurized:
    """The same without what the recipe wants beside the graphs."""
    featurizer = _shared_featurizer()
    was_trusted = featurizer.is_trusted
    found = featurizer.featurize(smiles, max_atoms, recipe)
    if was_trusted and not featurizer.is_trusted:
        warnings.warn(
            f"the fast path read {featurizer.difference!r} otherwise than RDKit; RDKit reads everything from now on. "
            "Please report this SMILES",
            RuntimeWarning,
            stacklevel=2,
        )
    return found


def graphs_of(smiles: Sequence[str], recipe: Recipe) -> PackedGraphs:
    """A graph for each molecule. Raises InputError, naming it, for one that has none by the recipe."""
    found = featurize(smiles, recipe=recipe)
    if found.rejected:
        one = found.rejected[0]
        by = f" with {recipe.in_words}" if recipe.in_words else ""
        raise InputError(f"{one.smiles[:80]!r} cannot be read{by}: {one.reason}; leave it out")
    return found.graphs


class Featurizer:
    """The fast path with its memory and its audit.

    One in ``1 / audit_rate`` of the molecules that it is sure of, drawn at random, is parsed by RDKit too. The first
    difference ends the trust in it: RDKit then reads the whole batch, and everything after it.
    """

    def __init__(self, audit_rate: float | None = AUDIT_RATE, seed: int = 0) -> None:
        """``audit_rate`` None: RDKit reads everything."""
        self.audit_rate = audit_rate
        self.memory = RingMemory()
        if (known := known_rings()) is not None:
            self.memory.take(known)
        self.n_audited = 0
        self.difference: str | None = None
        """the SMILES that the fast path read otherwise than RDKit"""
        self._rng = np.random.default_rng(seed)

    @property
    def is_trusted(self) -> bool:
        """Whether the fast path is used: no audit found a difference."""
        return self.audit_rate is not None and self.difference is None

    def featurize(self, smiles: Sequence[str], max_atoms: int = 1000, recipe: Recipe = PLAIN) -> Featurized:
        """The graphs alone; the bytes of ``Cells`` are read as they are."""
        text, starts, stops = _as_bytes(smiles)
        if not self.is_trusted or not compilation().is_over():
            is_sure = np.zeros(len(starts), np.bool_)
            return _completed(text, starts, stops, empty_graphs(), is_sure, max_atoms, recipe)
        graphs, is_sure = self.pack_sure(text, starts, stops, max_atoms)
        graphs, is_told = followed(graphs, recipe)  # the fast path is sure of no SMILES that writes a hydrogen
        is_sure[is_sure] = is_told
        if not self._stands_audit(text, starts, stops, graphs, np.flatnonzero(is_sure), max_atoms, recipe):
            is_sure[:] = False
            graphs = empty_graphs()
        return _completed(text, starts, stops, graphs, is_sure, max_atoms, recipe)

    def pack_sure(
        self, text: NDArray[np.uint8], starts: _Ints, stops: _Ints, max_atoms: int
    ) -> tuple[PackedGraphs, NDArray[np.bool_]]:
        """What the fast path is sure of, and which molecules these are [n]; unknown ring systems are learnt first."""
        if not len(starts):
            return empty_graphs(), np.zeros(0, np.bool_)
        work = make_workspace()
        graphs, verdicts = self._pack(text, starts, stops, max_atoms, work)
        unknown = np.flatnonzero(verdicts == UNKNOWN_RINGS)
        if len(unknown):
            sure = np.flatnonzero(verdicts == SURE)
            for i in unknown:
                learn_rings(text, starts[i], stops[i], self.memory, work)
            learnt, verdicts[unknown] = self._pack(text, starts[unknown], stops[unknown], max_atoms, work)
            places = np.concatenate([sure, unknown[verdicts[unknown] == SURE]])
            graphs = take(concat([graphs, learnt]), np.argsort(places))
        return graphs, verdicts == SURE

    def _pack(
        self, text: NDArray[np.uint8], starts: _Ints, stops: _Ints, max_atoms: int, work: np.record
    ) -> tuple[PackedGraphs, NDArray[np.uint8]]:
        """Graphs of the molecules that the fast path is sure of, and the verdict on each [n]."""
        batch, verdicts = _empty_batch(len(starts), int((stops - starts).sum()))
        pack_batch(text, starts, stops, max_atoms, self.memory.table, work, *batch[:5], verdicts)
        n_atoms, n_bonds = batch.atom_ptr[-1], batch.bond_ptr[-1]
        kept = np.concatenate([[True], verdicts == SURE])
        graphs = PackedGraphs(
            batch.atoms[:n_atoms],
            batch.bonds[:n_bonds],
            batch.ends[:n_bonds],
            batch.atom_ptr[kept],
            batch.bond_ptr[kept],
            no_extras(int(kept.sum()) - 1),
        )
        return graphs, verdicts

    def _stands_audit(
        self,
        text: NDArray[np.uint8],
        starts: _Ints,
        stops: _Ints,
        graphs: PackedGraphs,
        places: NDArray[np.int64],
        max_atoms: int,
        recipe: Recipe,
    ) -> bool:
        """Whether RDKit makes the same of the molecules drawn; graph k is that of molecule ``places[k]``."""
        drawn = np.flatnonzero(self._rng.random(len(places)) < (self.audit_rate or 0.0))
        for k in drawn.tolist():
            smiles = _decoded(text, starts[places[k]], stops[places[k]])
            self.n_audited += 1
            if not _is_same(slice_graphs(graphs, k, k + 1), graph_or_reason(smiles, max_atoms, recipe)):
                self.difference = smiles
                return False
        return True


@cache
def _shared_featurizer() -> Featurizer:
    return Featurizer()


def _as_bytes(smiles: Sequence[str]) -> tuple[NDArray[np.uint8], _Ints, _Ints]:
    """UTF-8 bytes, and where each text starts and stops among them."""
    if isinstance(smiles, Cells):
        return np.frombuffer(smiles.data, np.uint8), smiles.offsets[:-1], smiles.offsets[1:]
    encoded = [text.encode("utf-8", "surrogatepass") for text in smiles]
    sizes = np.array([len(text) for text in encoded], np.int64)
    stops = np.cumsum(sizes)
    return np.frombuffer(b"".join(encoded), np.uint8), stops - sizes, stops


def _empty_batch(n: int, n_bytes: int) -> tuple[PackedGraphs, NDArray[np.uint8]]:
    """Room for n molecules of ``n_bytes`` in all, none of which stands for more than an atom and two bonds."""
    return PackedGraphs(
        np.empty(n_bytes, np.uint64),
        np.empty(2 * n_bytes, np.uint16),
        np.empty((2 * n_bytes, 2), np.int32),
        np.zeros(n + 1, np.int32),
        np.zeros(n + 1, np.int32),
        no_extras(n),
    ), np.empty(n, np.uint8)


def _completed(
    text: NDArray[np.uint8],
    starts: _Ints,
    stops: _Ints,
    graphs: PackedGraphs,
    is_sure: NDArray[np.bool_],
    max_atoms: int,
    recipe: Recipe,
) -> Featurized:
    """The sure ones together with what RDKit makes of the others, in the order of the input."""
    sure, other = np.flatnonzero(is_sure), np.flatnonzero(~is_sure)
    if not len(other):
        return Featurized(graphs, sure, [])
    asked = featurize_with_cuik([_decoded(text, starts[i], stops[i]) for i in other], max_atoms, recipe)
    rejected = [refused._replace(row=int(other[refused.row])) for refused in asked.rejected]
    if not len(asked.index):
        return Featurized(graphs, sure, rejected)
    index = np.concatenate([sure, other[asked.index]])
    order = np.argsort(index)
    return Featurized(take(concat([graphs, asked.graphs]), order), index[order], rejected)


def _decoded(text: NDArray[np.uint8], start: int, stop: int) -> str:
    return text[start:stop].tobytes().decode("utf-8", "surrogatepass")


def _is_same(graph: PackedGraphs, judged: PackedGraphs | str) -> bool:
    return not isinstance(judged, str) and all(
        np.array_equal(getattr(graph, name), getattr(judged, name)) for name in PackedGraphs._fields
    )

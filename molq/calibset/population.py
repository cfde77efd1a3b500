"""A collection of molecules with what is known of each, computed when first asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize, graphs_of
from molq.chem.fingerprints import packed_morgan_fingerprints
from molq.chem.identity import places_among, same_molecules
from molq.chem.packed import ATOM_FIELDS, CHARGE_OFFSET, PackedGraphs, concat
from molq.chem.properties import property_profile
from molq.chem.recipe import PLAIN, Recipe
from molq.chem.scaffolds import generic_scaffolds, murcko_scaffolds
from molq.data.draw import draw
from molq.errors import MolqWarning
from molq.progress import SILENT, Progress

Item = TypeVar("Item")

UNKNOWN = -1
"""place of what a population does not hold"""
_CHUNK = 2048
_CHUNK_PER_WORKER = 32_768


class Scaffolds(NamedTuple):
    """The Bemis–Murcko scaffolds of a population: k distinct ones, sorted."""

    codes: NDArray[np.int64]
    """[n] scaffold of each molecule"""
    names: list[str]
    """[k] SMILES, "" for acyclic molecules"""
    generics: list[str]
    """[k] the same with every atom a carbon and every bond single"""
    n_rings: NDArray[np.int64]
    """[k]"""
    n_atoms: NDArray[np.int64]
    """[k] heavy atoms of the scaffold"""


class Population:
    """Molecules that all parse, sorted by SMILES so that nothing depends on the order of the file.

    ``rows[i]`` is the row of molecule i in its source, ``n_source`` the rows of the source, ``n_rejected`` those that
    are no molecule. Every feature is computed once, for all molecules, and kept.
    """

    def __init__(
        self,
        smiles: list[str],
        rows: NDArray[np.int64],
        n_source: int,
        n_rejected: int,
        progress: Progress = SILENT,
        workers: int = 1,
    ) -> None:
        self.smiles = smiles
        self.rows = rows
        self.n_source = n_source
        self.n_rejected = n_rejected
        self._progress = progress
        self._workers = workers

    def __len__(self) -> int:
        return len(self.smiles)

    @cached_property
    def same(self) -> NDArray[np.int64]:
        """[n] of each molecule the first that is the same, however it is spelled."""
        return same_molecules(self.smiles, self.graphs)

    @cached_property
    def distinct(self) -> NDArray[np.int64]:
        """The molecules without their copies, ascending."""
        return np.unique(self.same)

    def places_of(self, others: Population) -> NDArray[np.int64]:
        """[m] which molecule of this one each of the others is, copies the first; UNKNOWN where it is none."""
        places = places_among(others.smiles, others.graphs, self.smiles, self.graphs)
        return np.where(places < 0, UNKNOWN, self.same[places])

    @cached_property
    def graphs(self) -> PackedGraphs:
        """The packed graphs, one per molecule."""
        return concat([featurize(chunk).graphs for chunk in _chunks(self.smiles, self._progress)])

    def graphs_by(self, recipe: Recipe) -> PackedGraphs:
        """The packed graphs as a network of that recipe takes them. Raises InputError for a molecule without one."""
        if recipe == PLAIN:
            return self.graphs
        return concat([graphs_of(chunk, recipe) for chunk in _chunks(self.smiles, self._progress)])

    @cached_property
    def scaffolds(self) -> Scaffolds:
        """The scaffold of every molecule."""
        workers = self._workers
        chunk = _CHUNK if workers == 1 else _CHUNK_PER_WORKER * workers
        per_molecule = [s for c in _chunks(self.smiles, self._progress, chunk) for s in murcko_scaffolds(c, workers)]
        names = sorted(set(per_molecule))
        place = {name: i for i, name in enumerate(names)}
        codes = np.array([place[s] for s in per_molecule], np.int64)
        example = dict(zip(per_molecule, self.smiles, strict=True))  # a scaffold's own SMILES may not parse alone
        examples = [example[name] for name in names]
        generics = [g for c in _chunks(examples, self._progress, chunk) for g in generic_scaffolds(c, workers)]
        return Scaffolds(codes, names, generics, *_rings_and_atoms(generics))

    @cached_property
    def profile(self) -> NDArray[np.float64]:
        """Properties [n, p], columns as in ``molq.chem.properties.PROPERTIES``.

        A molecule on which RDKit fails, though its graph is known, has the others' medians. Warns (MolqWarning) of it.
        """
        profile = np.concatenate([property_profile(chunk) for chunk in _chunks(self.smiles, self._progress)])
        unknown = np.flatnonzero(np.isnan(profile).any(axis=1))
        if len(unknown):
            known = np.delete(profile, unknown, axis=0)
            profile[unknown] = np.median(known, axis=0) if len(known) else 0.0
            warnings.warn(
                f"RDKit fails on {len(unknown):,} of {len(self):,} molecules, such as {self.smiles[unknown[0]][:60]}: "
                "their properties count as the median of the others",
                MolqWarning,
                stacklevel=2,
            )
        return profile

    @cached_property
    def fingerprints(self) -> NDArray[np.uint8]:
        """Morgan fingerprints [n, 256], radius 2, 2048 bits packed by eight, lowest first."""
        return np.concatenate([packed_morgan_fingerprints(chunk) for chunk in _chunks(self.smiles, self._progress)])

    @cached_property
    def elements(self) -> NDArray[np.bool_]:
        """[n, 120]: whether the molecule holds the element of that atomic number."""
        return self._atoms_hold("atomic_number", 120)

    @cached_property
    def charges(self) -> NDArray[np.bool_]:
        """[n, 32]: whether the molecule holds an atom of formal charge (column - 16)."""
        return self._atoms_hold("charge", 2 * CHARGE_OFFSET)

    def subset(self, index: NDArray[np.int64]) -> Population:
        """Molecules ``index`` alone, in SMILES order; features computed already come along."""
        index = np.sort(index)
        part = Population(
            [self.smiles[i] for i in index], self.rows[index], self.n_source, self.n_rejected, self._progress
        )
        for name in ("profile", "fingerprints", "elements", "charges"):
            if name in self.__dict__:
                part.__dict__[name] = self.__dict__[name][index]
        if "scaffolds" in self.__dict__:
            part.__dict__["scaffolds"] = _subset_scaffolds(self.scaffolds, index)
        return part

    def sample(self, size: int, rng: np.random.Generator) -> Population:
        """At most ``size`` molecules drawn without replacement."""
        return self if len(self) <= size else self.subset(draw(len(self), size, rng))

    def _atoms_hold(self, field: str, n_values: int) -> NDArray[np.bool_]:
        shift, width = ATOM_FIELDS[field]
        values = (self.graphs.atoms >> np.uint64(shift)) & np.uint64((1 << width) - 1)
        owner = np.repeat(np.arange(len(self)), np.diff(self.graphs.atom_ptr))
        held = np.zeros((len(self), n_values), np.bool_)
        held[owner, np.minimum(values.astype(np.int64), n_values - 1)] = True
        return held


def populate(
    smiles: Sequence[str],
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
    workers: int = 1,
) -> Population:
    """The molecules of ``smiles`` that parse; with a ``limit``, a seeded draw of at most that many rows.

    ``n_rejected`` counts the rejected rows among those drawn. ``workers`` processes share the search for scaffolds.
    """
    order = sorted(range(len(smiles)), key=smiles.__getitem__)
    if limit is not None:
        order = [order[i] for i in draw(len(order), limit, [seed, len(order)])]
    kept: list[int] = []
    for chunk in _chunks(order, progress):
        kept.extend(chunk[i] for i in featurize([smiles[row] for row in chunk]).index)
    return Population(
        [smiles[row] for row in kept], np.array(kept, np.int64), len(smiles), len(order) - len(kept), progress, workers
    )


def _chunks(items: Sequence[Item], progress: Progress, size: int = _CHUNK) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
        progress.step(min(start + size, len(items)), len(items))


def _rings_and_atoms(scaffolds: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Independent rings [k] and heavy atoms [k] of each SMILES; 0 and 0 for the empty one."""
    found = featurize(scaffolds)
    n_rings, n_atoms = np.zeros(len(scaffolds), np.int64), np.zeros(len(scaffolds), np.int64)
    n_atoms[found.index] = np.diff(found.graphs.atom_ptr)
    n_fragments = np.array([1 + scaffolds[i].count(".") for i in found.index], np.int64)
    n_rings[found.index] = np.diff(found.graphs.bond_ptr) - np.diff(found.graphs.atom_ptr) + n_fragments
    return n_rings, n_atoms


def _subset_scaffolds(scaffolds: Scaffolds, index: NDArray[np.int64]) -> Scaffolds:
    present, codes = np.unique(scaffolds.codes[index], return_inverse=True)
    return Scaffolds(
        codes.astype(np.int64),
        [scaffolds.names[i] for i in present],
        [scaffolds.generics[i] for i in present],
        scaffolds.n_rings[present],
        scaffolds.n_atoms[present],
    )

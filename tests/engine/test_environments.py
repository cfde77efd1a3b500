"""Environments against a plain-Python account of what feeds what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, empty_graphs, slice_graphs
from molq.data.labels import load_dataset
from molq.engine.environments import AtomEnvironments, EdgeEnvironments, Level
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary
from molq.training.environments import Environments

SPIRO_AND_CAGES = ["C1CC12CC2", "C12C3C4C1C5C2C3C45", "FS(F)(F)(F)(F)F", "[Fe+2]", "CC", "CCC", "CCCC"]


def nested(graphs: PackedGraphs, depth: int) -> list[Any]:
    """The environment of every atom as nested tuples of descriptors, from the definition."""
    edges = [
        (int(u), int(v), int(bond))
        for (a, b), bond in zip(graphs.ends, graphs.bonds, strict=True)
        for u, v in ((a, b), (b, a))
    ]

    def edge(e: int, radius: int) -> Any:
        u, _, bond = edges[e]
        own = (int(graphs.atoms[u]), bond)
        if radius == 0:
            return own
        feeding = [edge(k, radius - 1) for k, (_, target, _) in enumerate(edges) if target == u and k != e ^ 1]
        return own, tuple(sorted(feeding, key=repr))

    return [
        (int(atom), tuple(sorted((edge(k, depth - 1) for k, (_, t, _) in enumerate(edges) if t == v), key=repr)))
        for v, atom in enumerate(graphs.atoms)
    ]


def nested_atoms(graphs: PackedGraphs, depth: int) -> list[Any]:
    """The environment of every atom by its neighbours', as message passing along atoms sees it."""
    neighbours: list[list[tuple[int, int]]] = [[] for _ in graphs.atoms]
    for (a, b), bond in zip(graphs.ends.tolist(), graphs.bonds.tolist(), strict=True):
        neighbours[a].append((b, bond))
        neighbours[b].append((a, bond))
    here: list[Any] = graphs.atoms.tolist()
    for _ in range(depth):
        here = [
            (here[v], tuple(sorted(((here[u], bond) for u, bond in neighbours[v]), key=repr))) for v in range(len(here))
        ]
    return here


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize(("kind", "definition"), [(EdgeEnvironments, nested), (AtomEnvironments, nested_atoms)])
def test_two_atoms_share_a_number_exactly_when_their_environments_are_equal(
    kind: type[EdgeEnvironments] | type[AtomEnvironments],
    definition: Callable[[PackedGraphs, int], list[Any]],
    depth: int,
) -> None:
    graphs = featurize(DRUGS + SPIRO_AND_CAGES).graphs
    vocabulary, scratch = Vocabulary(), Scratch()
    environments = kind(vocabulary, depth, capacity=10**6)
    numbers = environments.number(vocabulary.walk(graphs, scratch), scratch)
    by_definition: dict[Any, int] = {}
    expected = [by_definition.setdefault(env, len(by_definition)) for env in definition(graphs, depth)]
    assert len(set(numbers.tolist())) == len(by_definition)
    assert len(set(zip(numbers.tolist(), expected, strict=True))) == len(by_definition)


def test_thousands_of_environments_are_those_that_training_tells_apart() -> None:
    """Beyond the first size of every array, against numbers made by sorting."""
    graphs = slice_graphs(load_dataset("bace").graphs, 0, 400)
    apart = Environments(graphs, 3)
    for start in (0, 200):
        vocabulary, scratch = Vocabulary(), Scratch()
        environments = EdgeEnvironments(vocabulary, 3, capacity=10**6)
        first = slice_graphs(graphs, start, start + 200)
        seen = environments.number(vocabulary.walk(first, scratch), scratch)
        numbers = environments.number(vocabulary.walk(graphs, scratch), scratch)
        a, b = graphs.atom_ptr[start], graphs.atom_ptr[start + 200]
        assert np.array_equal(numbers[a:b], seen)
        levels = [level.n for level in environments.edges]
        assert levels == [len(level.root) for level in apart.shells]
        assert environments.atoms.n == len(apart.atom_shell.root) > 1024
        pairs = set(zip(numbers.tolist(), apart.molecules.rows.tolist(), strict=True))
        assert len(pairs) == environments.atoms.n


@pytest.mark.parametrize("kind", [EdgeEnvironments, AtomEnvironments])
def test_a_full_level_is_emptied_with_those_above_it(kind: type[EdgeEnvironments] | type[AtomEnvironments]) -> None:
    graphs = featurize(DRUGS).graphs
    vocabulary, scratch = Vocabulary(), Scratch()
    environments = kind(vocabulary, 3, capacity=10**6)
    levels = [*environments.edges, environments.atoms] if kind is EdgeEnvironments else environments.levels
    environments.number(vocabulary.walk(graphs, scratch), scratch)
    sizes = [level.n for level in levels]
    full = int(np.argmax(sizes))
    for capacity, kept in ((max(sizes), 3), (max(sizes) - 1, full), (min(sizes) - 1, 0)):
        environments.capacity = capacity
        epochs = [level.epoch for level in levels]
        assert environments.number(vocabulary.walk(empty_graphs(), scratch), scratch).tolist() == []
        assert [level.n for level in levels] == [n if i < kept else 0 for i, n in enumerate(sizes)]
        assert [level.epoch - before for level, before in zip(levels, epochs, strict=True)] == [
            int(i >= kept) for i in range(3)
        ]
        environments.capacity = 10**6
        environments.number(vocabulary.walk(graphs, scratch), scratch)
        assert [level.n for level in levels] == sizes


def test_numbers_stay_when_a_library_goes_on() -> None:
    graphs = featurize(DRUGS).graphs
    vocabulary, scratch = Vocabulary(), Scratch()
    environments = EdgeEnvironments(vocabulary, 3, capacity=10**6)
    first = environments.number(vocabulary.walk(graphs, scratch), scratch).copy()
    n = environments.atoms.n
    environments.number(vocabulary.walk(featurize(SPIRO_AND_CAGES).graphs, scratch), scratch)
    assert environments.atoms.n > n
    assert np.array_equal(environments.number(vocabulary.walk(graphs, scratch), scratch), first)


def test_equal_hashes_do_not_merge_environments() -> None:
    graphs = featurize(["CCO", "CCN", "CCF"]).graphs
    vocabulary, scratch = Vocabulary(), Scratch()
    walk = vocabulary.walk(graphs, scratch)
    vocabulary.pair_hash[:] = 5
    vocabulary.atom_hash[:] = 5
    environments = EdgeEnvironments(vocabulary, 2, capacity=10**6)
    assert len(set(environments.number(walk, scratch).tolist())) == 9


def test_there_is_room_for_what_was_reserved_and_what_was_known_stays() -> None:
    """Kernels write past the end of an array without a word."""
    vocabulary, scratch = Vocabulary(), Scratch()
    environments = EdgeEnvironments(vocabulary, 2, capacity=10**6)
    walk = vocabulary.walk(featurize(DRUGS).graphs, scratch)
    numbers = environments.number(walk, scratch)
    for level in (*environments.edges, environments.atoms):
        n, used = level.n, level.ptr[level.n]
        known = [array[:size].copy() for array, size in room(level, n, used)]
        for n_new, n_children in ((5000, 30_000), (1, 1), (70_000, 3)):
            level.reserve(n_new, n_children)
            assert all(len(array) >= size for array, size in room(level, n + n_new, used + n_children))
            assert len(level._slots) >= 2 * (n + n_new)
        assert all(np.array_equal(a, b[: len(a)]) for a, (b, _) in zip(known, room(level, n, used), strict=True))
    assert np.array_equal(environments.number(walk, scratch), numbers)


def room(level: Level, n: int, n_children: int) -> list[tuple[np.ndarray, int]]:
    """The arrays of a level, and the places that n environments take in each."""
    return [(level.root, n), (level.hash, n), (level.ptr, n + 1), (level.children, n_children)]

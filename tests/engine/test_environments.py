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
from molq.engine.walk import Vocabulary, walk_over
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


def nested_undirected(graphs: PackedGraphs, depth: int) -> list[Any]:
    """The environment of every atom where an edge sends on what both ways along its bond are."""
    edges = [
        (int(u), int(v), int(b))
        for ends, b in zip(graphs.ends, graphs.bonds, strict=True)
        for u, v in (ends, ends[::-1])
    ]
    here: list[Any] = [(int(graphs.atoms[u]), bond) for u, _, bond in edges]
    pairs = here
    for _ in range(depth - 1):
        bonds = [tuple(sorted((here[e], here[e ^ 1]), key=repr)) for e in range(len(edges))]
        here = [
            (
                pairs[e],
                tuple(sorted((bonds[k] for k, (_, t, _) in enumerate(edges) if t == u and k != e ^ 1), key=repr)),
            )
            for e, (u, _, _) in enumerate(edges)
        ]
    return [
        (int(atom), tuple(sorted((here[k] for k, (_, t, _) in enumerate(edges) if t == v), key=repr)))
        for v, atom in enumerate(graphs.atoms)
    ]


def directed(vocabulary: Vocabulary, depth: int, capacity: int) -> EdgeEnvironments:
    return EdgeEnvironments(vocabulary, depth, False, capacity)


def undirected(vocabulary: Vocabulary, depth: int, capacity: int) -> EdgeEnvironments:
    return EdgeEnvironments(vocabulary, depth, True, capacity)


KINDS = [(directed, nested), (undirected, nested_undirected), (AtomEnvironments, nested_atoms)]


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize(("kind", "definition"), KINDS)
def test_two_atoms_share_a_number_exactly_when_their_environments_are_equal(
    kind: Callable[..., Any], definition: Callable[[PackedGraphs, int], list[Any]], depth: int
) -> None:
    graphs = featurize(DRUGS + SPIRO_AND_CAGES).graphs
    scratch = Scratch()
    numbers = kind(Vocabulary(), depth, 10**6).number(walk_over(graphs, scratch), scratch)
    by_definition: dict[Any, int] = {}
    expected = [by_definition.setdefault(env, len(by_definition)) for env in definition(graphs, depth)]
    assert len(set(numbers.tolist())) == len(by_definition)
    assert len(set(zip(numbers.tolist(), expected, strict=True))) == len(by_definition)


def test_thousands_of_environments_are_those_that_training_tells_apart() -> None:
    """Beyond the first size of every array, against numbers made by sorting."""
    graphs = slice_graphs(load_dataset("bace").graphs, 0, 400)
    apart = Environments(graphs, 3)
    for start in (0, 200):
        scratch = Scratch()
        environments = directed(Vocabulary(), 3, 10**6)
        seen = environments.number(walk_over(slice_graphs(graphs, start, start + 200), scratch), scratch)
        numbers = environments.number(walk_over(graphs, scratch), scratch)
        assert np.array_equal(numbers[graphs.atom_ptr[start] : graphs.atom_ptr[start + 200]], seen)
        assert environments.atoms.n == len(apart.atom_shell.root) > 1024
        pairs = set(zip(numbers.tolist(), apart.molecules.rows.tolist(), strict=True))
        assert len(pairs) == environments.atoms.n


@pytest.mark.parametrize(("kind", "definition"), KINDS)
def test_what_is_new_is_told_with_what_it_is_made_of(
    kind: Callable[..., Any], definition: Callable[[PackedGraphs, int], list[Any]]
) -> None:
    """Roots and children lead from every new atom environment back to its definition."""
    graphs, scratch = featurize(DRUGS).graphs, Scratch()
    environments = kind(Vocabulary(), 2, 10**6)
    environments.number(walk_over(graphs, scratch), scratch)
    assert all(level.new.n == level.n for level in environments.levels)
    assert sum(level.n for level in environments.levels) > len(environments.levels)
    environments.number(walk_over(graphs, scratch), scratch)
    assert all(level.new.n == 0 for level in environments.levels)


def test_smaller_environments_are_looked_up_where_a_larger_one_is_new_alone() -> None:
    scratch, environments = Scratch(), directed(Vocabulary(), 3, 10**6)
    environments.number(walk_over(featurize(["CCCCCCCCO"]).graphs, scratch), scratch)
    edges = environments.edges[2]
    before = edges._uses[: edges.n].copy()
    environments.number(walk_over(featurize(["CCCCCCCCO"] * 5).graphs, scratch), scratch)
    assert np.array_equal(edges._uses[: edges.n], before)


@pytest.mark.parametrize("kind", [directed, undirected, AtomEnvironments])
def test_a_full_level_keeps_what_is_met_often(kind: Callable[..., Any]) -> None:
    scratch, environments = Scratch(), kind(Vocabulary(), 3, 10**6)
    often, seldom = featurize(["CCOC(=O)c1ccccc1"] * 3).graphs, featurize(["N#CC1CC1", "FC(Cl)Br"]).graphs
    atoms = environments.levels[-1]
    environments.number(walk_over(often, scratch), scratch)
    known = atoms.n
    environments.number(walk_over(seldom, scratch), scratch)
    assert atoms.n > known
    atoms.capacity = 2 * known
    atoms.begin()
    assert atoms.epoch == 0
    atoms.capacity = atoms.n - 1
    atoms.begin()
    assert atoms.epoch == 1
    assert 0 < atoms.n <= atoms.capacity // 2
    assert set(atoms.kept.tolist()) <= set(range(known))
    environments.number(walk_over(empty_graphs(), scratch), scratch)


def test_numbers_stay_when_a_library_goes_on() -> None:
    graphs, scratch = featurize(DRUGS).graphs, Scratch()
    environments = directed(Vocabulary(), 3, 10**6)
    first = environments.number(walk_over(graphs, scratch), scratch)
    n = environments.atoms.n
    environments.number(walk_over(featurize(SPIRO_AND_CAGES).graphs, scratch), scratch)
    assert environments.atoms.n > n
    assert np.array_equal(environments.number(walk_over(graphs, scratch), scratch), first)


def test_there_is_room_for_what_was_reserved_and_what_was_known_stays() -> None:
    """Kernels write past the end of an array without a word."""
    level = Level(10**6)
    fingerprints = np.random.default_rng(0).integers(0, 2**63, (80_000, 2)).astype(np.uint64)
    numbers, _ = level.intern(fingerprints, np.arange(500, dtype=np.int32))
    for n_new in (5000, 1, 70_000):
        level._reserve(n_new)
        assert len(level._known) >= level.n + n_new <= len(level._uses)
        assert len(level._slots) >= 2 * (level.n + n_new)
        assert np.array_equal(level.intern(fingerprints, np.arange(500, dtype=np.int32))[0], numbers)

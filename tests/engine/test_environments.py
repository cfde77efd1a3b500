"""Environments against a plain-Python account of what feeds what."""

from __future__ import annotations

from typing import Any

import numpy as np
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs
from molq.engine.environments import EdgeEnvironments
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary

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


def test_two_atoms_share_a_number_exactly_when_their_environments_are_equal() -> None:
    graphs = featurize(DRUGS + SPIRO_AND_CAGES).graphs
    for depth in (1, 2, 3, 4):
        vocabulary, scratch = Vocabulary(), Scratch()
        environments = EdgeEnvironments(vocabulary, depth, capacity=10**6)
        numbers = environments.number(vocabulary.walk(graphs, scratch), scratch)
        by_definition: dict[Any, int] = {}
        expected = [by_definition.setdefault(env, len(by_definition)) for env in nested(graphs, depth)]
        assert len(set(numbers.tolist())) == len(by_definition)
        assert len(set(zip(numbers.tolist(), expected, strict=True))) == len(by_definition)


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

"""Hash tables against dictionaries, edges by target against a list of lists."""

from __future__ import annotations

import numpy as np
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.engine import walk_kernels

GRAPHS = featurize(DRUGS).graphs


def test_rows_are_found_in_a_table_that_is_nearly_full_of_alike_keys() -> None:
    descriptors = np.arange(60, dtype=np.uint64) << np.uint64(32)
    keys, rows = np.zeros(64, np.uint64), np.full(64, -1, np.int32)
    out = np.empty(61, np.int32)
    asked = np.concatenate([descriptors[::-1], np.array([7], np.uint64)])
    assert walk_kernels.look_up(keys, rows, asked, out) == 61
    assert set(out.tolist()) == {-1}
    walk_kernels.insert(keys, rows, descriptors[:40], 0)
    walk_kernels.insert(keys, rows, descriptors, 40)
    assert walk_kernels.look_up(keys, rows, asked, out) == 1
    assert out.tolist() == [*range(59, -1, -1), -1]


def test_edges_stand_with_the_atom_they_point_at() -> None:
    n_atoms = len(GRAPHS.atoms)
    into: list[list[int]] = [[] for _ in range(n_atoms)]
    for b, (u, v) in enumerate(GRAPHS.ends.tolist()):
        into[v].append(2 * b)
        into[u].append(2 * b + 1)
    in_ptr, in_edge = np.full(n_atoms + 1, 99, np.int32), np.empty(2 * len(GRAPHS.bonds), np.int32)
    walk_kernels.incoming_edges(GRAPHS.ends, n_atoms, in_ptr, in_edge)
    found = [in_edge[in_ptr[v] : in_ptr[v + 1]].tolist() for v in range(n_atoms)]
    assert found == [sorted(edges) for edges in into]

"""What atoms see of other positions, and what looks the same from there."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from made_spaces import made, sheets_of

from molq.spaces.views import UNSEEN, spread, views_of


def test_near_classes_are_of_what_lies_near(tmp_path: Path) -> None:
    """Of three acyls and amines: at radius 0 the atoms of the join, at 1 what hangs on them."""
    (sheet,) = sheets_of(tmp_path, "amides")
    acyls, amines = views_of(sheet, 3)
    assert [len(set(near.tolist())) for near in acyls.nested] == [1, 2, 2]
    assert [len(set(near.tolist())) for near in amines.nested] == [2, 3, 3]
    for view in (acyls, amines):
        for coarser, finer in itertools.pairwise(view.nested):
            pairs = set(zip(finer.tolist(), coarser.tolist(), strict=True))
            assert len(pairs) == len(set(finer.tolist()))


def test_every_atom_is_of_one_sight(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "stereo")
    for view in views_of(sheet, 3):
        atoms = np.concatenate([sight.atoms for sight in view.sights])
        assert sorted(atoms) == list(range(len(view.graphs.atoms)))
        assert all(sight.reach[port] == UNSEEN for sight in view.sights for port in view.own_ports)
        assert all(max(sight.reach) <= 2 for sight in view.sights)


def test_sight_ends_with_the_radius(tmp_path: Path) -> None:
    """The carbonyl carbon of benzoyl sees two bonds beyond the nitrogen, its ring's far end nothing."""
    (sheet,) = sheets_of(tmp_path, "amides")
    (acyls, _) = views_of(sheet, 3)
    names = [synthon.id for synthon in made(tmp_path, "amides").reactions[0].positions[0]]
    assert names[0] == "benzoyl"
    distance = acyls.distance[: acyls.graphs.atom_ptr[1], 0]
    reach = {}
    for sight in acyls.sights:
        for atom in sight.atoms[: sight.ptr[1]]:
            reach[int(distance[atom])] = max(sight.reach)
    assert reach == {0: 2, 1: 1, 2: 0, 3: UNSEEN, 4: UNSEEN}


def test_distances_spread_along_bonds(tmp_path: Path) -> None:
    (sheet,) = sheets_of(tmp_path, "amides")
    graphs = views_of(sheet, 1)[0].graphs
    distance = np.full((len(graphs.atoms), 1), 9)
    distance[0] = 0
    spread(distance, graphs)
    assert set(np.flatnonzero(distance[:, 0] == 1)) == {int(b if a == 0 else a) for a, b in graphs.ends if 0 in (a, b)}

"""What the best are made of, against a score that is known: one point for each nitrogen, half a one for each oxygen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from made_spaces import AMIDES, HEADER, screen_of
from numpy.typing import NDArray

from molq.errors import InputError
from molq.results.space import SpaceLandscape
from molq.serial import from_json, to_json
from molq.spaces.landscape import N_SYNTHONS, landscape
from molq.spaces.read_space import read_space
from molq.spaces.space import Space


def scored(smiles: Sequence[str]) -> NDArray[np.float64]:
    return np.array([one.upper().count("N") + one.upper().count("O") / 2 for one in smiles])


def read(folder: Path, text: str) -> Space:
    (folder / "space.txt").write_text(text)
    return read_space(folder / "space.txt")


def test_means_are_those_of_the_products_where_all_are_looked_at(tmp_path: Path) -> None:
    space = read(tmp_path, AMIDES)
    found = landscape(space, screen_of(space, scored, top=4), scored)
    (one,) = found.reactions
    assert one.mean == pytest.approx(np.mean([1.5, 1.5, 2.0] * 2))
    assert [[(s.id, s.n_best, s.best_rank, s.mean) for s in own] for own in one.synthons][1][0] == (
        "furfurylamine",
        2,
        1,
        2.0,
    )
    (pair,) = one.maps
    places = [[s.id for s in own] for own in one.synthons]
    assert pair.means[places[0].index("acetyl")][places[1].index("furfurylamine")] == 2.0
    assert one.n_others == (0, 0)
    assert from_json(to_json(found), SpaceLandscape, "here") == found


def test_many_synthons_are_counted_and_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    lines = "".join(f"[1*]{'C' * (1 + i)}{'N' if i % 2 else ''}[2*]\t{i}\t1\tr\n" for i in range(15))
    space = read(tmp_path, HEADER + "[1*]O\ta\t0\tr\n[1*]N\tb\t0\tr\n" + lines + "[2*]C\tx\t2\tr\n[2*]OC\ty\t2\tr\n")
    screen = screen_of(space, scored, top=60)
    found = landscape(space, screen, scored, seed=3)
    (one,) = found.reactions
    assert [len(own) for own in one.synthons] == [2, N_SYNTHONS, 2]
    assert one.n_others == (0, 5, 0)
    assert [pair.positions for pair in one.maps] == [(0, 1), (0, 2), (1, 2)]
    assert landscape(space, screen, scored, seed=3) == found


def test_products_without_a_score_are_no_mean(tmp_path: Path) -> None:
    space = read(tmp_path, AMIDES)
    screen = screen_of(space, scored, top=2)
    (one,) = landscape(space, screen, lambda smiles: np.full(len(smiles), np.nan)).reactions
    assert one.mean is None
    assert {share.mean for own in one.synthons for share in own} == {None}


def test_no_products_are_no_reactions(tmp_path: Path) -> None:
    space = read(tmp_path, AMIDES)
    assert landscape(space, screen_of(space, scored, top=0), scored).reactions == ()


def test_a_screen_of_another_space_is_refused_though_its_reaction_has_that_name(tmp_path: Path) -> None:
    screen = screen_of(read(tmp_path, AMIDES), scored, top=3)
    for other in (AMIDES.replace("CC(=O)[1*]", "CCC(=O)[1*]"), AMIDES.replace("amide", "amine")):
        space = read(tmp_path, other)
        with pytest.raises(InputError, match=r"has no such reaction 'amide'; the screen is of space\.txt"):
            landscape(space, screen, scored)
    hits = (*screen.hits[:2], msgspec.structs.replace(screen.hits[2], synthons=screen.hits[2].synthons[:1]))
    with pytest.raises(InputError, match="has no such reaction"):
        landscape(read(tmp_path, AMIDES), msgspec.structs.replace(screen, hits=hits), scored)

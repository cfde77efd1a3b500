"""A space as RDKit perceives it, cut to what is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_spaces import HEADER, made
from variety import VARIETY, network

from molq.errors import InputError
from molq.progress import SILENT
from molq.spaces.properties.windows import windows
from molq.spaces.ranker import Ranker
from molq.spaces.read_space import read_space
from molq.spaces.seen import SeenSpace

RANKER = Ranker(network(VARIETY[0]), "a")


def test_products_are_counted_whatever_the_windows_leave(tmp_path: Path) -> None:
    reactions = made(tmp_path, "stereo").reactions
    seen = SeenSpace(reactions, RANKER, None, 0, SILENT)
    assert seen.n_products == 3 * 2 * 4
    assert seen.n_spellings > 1
    assert [rescorer.sheet for rescorer in seen.rescorers] == list(seen.sheets)
    narrow = SeenSpace(reactions, RANKER, windows("heavy_atoms<25"), 0, SILENT)
    assert narrow.n_products == seen.n_products
    assert sum(sheet.n_products for sheet in narrow.sheets) <= seen.n_products
    assert seen.wanted(["C" * 30, "CCO"]) == [0, 1]
    assert narrow.wanted(["C" * 30, "CCO"]) == [1]


def test_a_space_of_which_nothing_is_accepted_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(HEADER + "[1*]=CC\ta\t0\tr\nC[1*](C)(C)C\tb\t1\tr\n")
    with pytest.raises(InputError):
        SeenSpace(read_space(tmp_path / "s.txt").reactions, RANKER, None, 0, SILENT)

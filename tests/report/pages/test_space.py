"""The page of a screened space: it says the answer, draws what is there, and shows nothing of a file unescaped."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from made_spaces import AMIDES, screen_of

from molq.report.pages.space import N_SHOWN, space_page
from molq.results.space import SpaceLandscape
from molq.spaces.landscape import landscape
from molq.spaces.read_space import read_space


def lengths(smiles: list[str]) -> np.ndarray:
    return np.array([float(len(one)) for one in smiles])


@pytest.fixture
def found(tmp_path: Path) -> SpaceLandscape:
    (tmp_path / "space.txt").write_text(AMIDES)
    space = read_space(tmp_path / "space.txt")
    return landscape(space, screen_of(space, lengths, top=5), lengths)


def test_it_says_what_was_found_and_draws_it(found: SpaceLandscape) -> None:
    page = space_page(found)
    assert "The 5 products of highest score among 6" in page
    for text in (
        "What the best of amide are made of",
        "B1 · furfurylamine",
        "mean effect",
        "A with B",
        "no product can be missing",
    ):
        assert text in page
    assert page.count('class="structure"') == 5 + 2 + 3
    assert "http" not in page.replace("http://www.w3.org", "")


def test_what_a_file_says_is_escaped(found: SpaceLandscape) -> None:
    bad = "<img src=x onerror=alert(1)>"
    (one,) = found.reactions
    share = msgspec.structs.replace(one.synthons[0][0], id=bad, smiles=bad)
    reaction = msgspec.structs.replace(one, id=bad, synthons=((share, *one.synthons[0][1:]), *one.synthons[1:]))
    hits = tuple(msgspec.structs.replace(hit, smiles=bad, reaction=bad, id=bad) for hit in found.screen.hits)
    screen = msgspec.structs.replace(found.screen, hits=hits, source=bad, model=bad, ranked_by=bad, columns=(bad,))
    assert "<img" not in space_page(msgspec.structs.replace(found, screen=screen, reactions=(reaction,)))


def test_of_many_products_the_first_are_drawn(found: SpaceLandscape) -> None:
    screen = msgspec.structs.replace(found.screen, hits=found.screen.hits * 10)
    page = space_page(msgspec.structs.replace(found, screen=screen, reactions=()))
    assert f"The first {N_SHOWN} of 50" in page
    assert "These are 5 molecules: products of several combinations are the same" in page
    assert "These are" not in space_page(found)


def test_nothing_found_is_said(found: SpaceLandscape) -> None:
    screen = msgspec.structs.replace(found.screen, hits=(), threshold=99.0)
    assert "None of 6 products meets score &gt;= 99" in space_page(
        msgspec.structs.replace(found, screen=screen, reactions=())
    )


def test_bounds_stand_in_the_heading_and_not_every_product_was_scored(found: SpaceLandscape) -> None:
    screen = msgspec.structs.replace(found.screen, where=("mol_weight < 450", "tpsa < 90"))
    page = space_page(msgspec.structs.replace(found, screen=screen))
    within = "mol_weight &lt; 450 and tpsa &lt; 90"
    assert f"The 5 products of highest score with {within} among 6" in page
    assert f"products, only those with {within}" in page
    assert "every one" not in page
    assert "every one" in space_page(found)


def test_what_to_ask_for_is_no_raw_mark(found: SpaceLandscape) -> None:
    unsure = msgspec.structs.replace(found.screen.exactness, room=0.0)
    page = space_page(msgspec.structs.replace(found, screen=msgspec.structs.replace(found.screen, exactness=unsure)))
    assert "Ask for fewer products (<code>top</code>)" in page

from pathlib import Path

import msgspec
import numpy as np
import pytest
from made_spaces import AMIDES, screen_of

from molq.report.text.space import answer, landscape_text, sample_text, screen_text, space_text, surety
from molq.results.space import Exactness, ReactionSize, SpaceLandscape, SpaceSample, SpaceScreen, SpaceSummary
from molq.spaces.landscape import landscape
from molq.spaces.read_space import read_space


@pytest.fixture
def screen(tmp_path: Path) -> SpaceScreen:
    (tmp_path / "space.txt").write_text(AMIDES)
    space = read_space(tmp_path / "space.txt")
    return screen_of(space, lambda smiles: np.array([float(len(one)) for one in smiles]), top=5)


def test_the_answer_comes_first_and_the_largest_reactions_are_shown():
    sizes = tuple(ReactionSize(f"r{i}" + "x" * 60 * (i == 29), (i + 1, 1000), 1000 * (i + 1)) for i in range(30))
    space = SpaceSummary("s.txt", sizes, 5, 465_000, {"no connector": 2}, ("r1: a note",))
    text = space_text(space)
    lines = text.splitlines()
    assert lines[0] == "465,000 products of 5 synthons, 30 reactions."
    assert max(map(len, lines)) <= 80
    assert "30 × 1,000    30,000" in lines[4]
    assert "and 10 smaller reactions" in text
    assert "note: r1: a note" in text
    assert text.endswith("2 synthons left out:\n  2 no connector")


def test_a_sample_tells_what_was_refused():
    sample = SpaceSample("s.txt", 7, (), {"valence": 3})
    assert sample_text(sample) == (
        "0 products of s.txt, seed 7\n3 other products drawn, which RDKit refuses:\n  3 valence"
    )


def test_the_bounds_that_ruled_all_out_are_named(screen):
    none = msgspec.structs.replace(screen, hits=(), where=("mol_weight < 500",), threshold=0.25)
    assert screen_text(none) == "None of 6 products meets mol_weight < 500 and score >= 0.25."
    lowest = msgspec.structs.replace(none, where=(), lowest=True)
    assert screen_text(lowest) == "None of 6 products meets score <= 0.25."
    assert answer(msgspec.structs.replace(lowest, products=1)) == "None of 1 product meets score <= 0.25"


def test_within_bounds_not_every_product_was_scored(screen):
    assert screen_text(screen).startswith("The 5 products of highest score among 6, every one scored by m.")
    within = msgspec.structs.replace(screen, where=("mol_weight < 500",), hits=screen.hits[:1], rescored=1)
    text = screen_text(within).replace("\n", " ")
    assert text.startswith("The product of highest score with mol_weight < 500 among 6, by the scores of m.")
    assert "Those that the bounds rule out were not scored." in text
    assert "1 product was scored again" in text


def test_products_that_look_otherwise_make_it_uncertain():
    assert surety(Exactness(True, 0.1, 0.02, 1.5, 100, 0)).startswith("Exact: no product can be missing unless")
    text = surety(Exactness(True, 0.1, 0.02, 1.5, 100, 3))
    assert text.startswith("Not certain: a product may be missing that RDKit perceives otherwise")
    assert "; 3 of these and of the best RDKit refuses, or perceives otherwise" in text


def test_products_that_are_the_same_molecule_are_told(screen):
    assert "molecule" not in screen_text(screen)
    twice = msgspec.structs.replace(screen, hits=(*screen.hits, screen.hits[0]))
    assert "These are 5 molecules: products of several combinations are the same." in screen_text(twice)


def test_a_score_that_was_no_number_is_told():
    text = surety(Exactness(True, 0.1, None, 1.5, 100, 0))
    assert text.startswith("Not certain: a product may be missing whose score is no finite number; 100 random products")
    assert "largest difference infinite, as one is no finite number, of logits" in text
    assert "inf" not in surety(Exactness(True, None, None, 1.5, 0, 0)).replace("infinite", "").replace("finite", "")


def test_a_screen_prints_ten_and_says_how_many_more(screen):
    import molq.report.notebook  # noqa: F401

    many = msgspec.structs.replace(screen, hits=screen.hits * 40)
    text = str(many)
    assert sum(line.lstrip().startswith(("1 ", "2 ", "3 ", "4 ", "5 ")) for line in text.splitlines()) == 10
    assert "and 190 more products" in text
    assert "more product" not in str(screen)
    assert "and 1 more product\n" in str(msgspec.structs.replace(screen, hits=(screen.hits * 3)[:11]))
    assert len(str(SpaceLandscape(many, (), 60, 0))) < len(text) + 10


def test_a_diverse_list_says_how_it_was_chosen(screen):
    diverse = msgspec.structs.replace(screen, diverse_by="synthon", at_most=2, passes=3, are_all=True)
    text = screen_text(diverse).replace("\n", " ")
    assert text.startswith(
        "The 5 products of highest score, at most 2 of each synthon, among 6, every one scored by m. Exact"
    )
    assert "Chosen from the best down, in 3 passes, each without what was used up before" in text
    assert "what shares a synthon with 2 better of the list is left out. No other product is left." in text
    once = msgspec.structs.replace(diverse, passes=1, are_all=False)
    assert "in one pass: what" in screen_text(once).replace("\n", " ")
    assert "No other" not in screen_text(once)


def test_a_landscape_prints_its_synthons(tmp_path, screen):
    (tmp_path / "space.txt").write_text(AMIDES)
    found = landscape(read_space(tmp_path / "space.txt"), screen, lambda smiles: np.ones(len(smiles)))
    text = landscape_text(found)
    assert "amide, 5 of the best:" in text
    assert "furfurylamine" in text
    assert max(map(len, text.splitlines())) <= 80

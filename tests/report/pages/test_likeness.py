from __future__ import annotations

from molq.report.pages.likeness import neighbour_cards, scaffold_cards
from molq.results.validation import Neighbour


def test_a_neighbour_is_drawn_with_its_similarity():
    (found,) = neighbour_cards([Neighbour("CCO", 0.256, "CC")])
    assert found.drawing
    assert found.facts == (("Tanimoto", "0.26"),)


def test_a_scaffold_is_drawn_with_its_share():
    ring, acyclic = scaffold_cards([("c1ccccc1", 0.125), ("", 0.1)])
    assert (ring.score, ring.note) == ("12.50%", "")
    assert (acyclic.drawing, acyclic.note) == ("", "acyclic molecules")

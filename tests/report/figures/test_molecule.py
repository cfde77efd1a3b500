from __future__ import annotations

import math

from molq.report.figures.molecule import card, scale
from molq.report.pages.page import macros


def test_a_card_shows_structure_name_score_and_facts():
    html = macros().molecule(card("CCO", "ethanol", "0.93", [("similarity", "0.8"), ("spread", "")], note="rank 1"))
    assert html.count("<svg") == html.count("<figure") == 1
    assert all(text in html for text in ("ethanol", "0.93", "similarity", "0.8", "rank 1", "CCO"))
    assert "spread" not in html


def test_a_structure_that_is_missing_says_why():
    html = macros().molecule(card("c1cc", "odd"))
    assert "<svg" not in html
    assert "No picture: not a molecule that RDKit can read" in html


def test_texts_of_files_cannot_write_a_page():
    evil = "<script>alert(1)</script>\x1b[2K"
    html = macros().molecule(card(evil, evil, evil, [(evil, evil)], note=evil))
    assert "<script" not in html
    assert "\x1b" not in html
    assert html.count("&lt;script&gt;") == 6


def test_cards_stand_in_one_grid():
    html = macros().molecules([card("CCO"), card("CCN")])
    assert html.count('class="molecules"') == 1
    assert html.count("<figure") == 2


def test_the_scale_of_a_page_ignores_a_few_extremes_and_what_is_no_number():
    assert scale([[1.0] * 99, [-1000.0, math.nan]]) == 1.0
    assert scale([]) is scale([[0.0]]) is None


def test_the_key_names_the_scale():
    assert "full strength at ±0.75 log odds" in " ".join(macros().contribution_key(0.75, "log odds").split())

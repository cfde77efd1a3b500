from __future__ import annotations

import math

from browser.chromium import NARROW, WIDE, assert_accessible, complaints, set_dark, set_width, too_wide

from molq.chem.pictures.svg import picture
from molq.report.figures.molecule import card, scale
from molq.report.pages.page import _environment, macros


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


def test_cards_are_read_by_all_and_fit_every_screen(browser, tmp_path):
    values = [0.5, -0.5, 0.1]
    cards = [
        card("CCO", "n" * 60, "0.9", [("similarity", "0.8")], values=values),
        card("c1cc"),
        card("CCO", marked=[0]),
    ]
    body = macros().contribution_key(0.5, "log odds") + macros().molecules(cards)
    style = _environment().globals["style"]
    head = f"<!doctype html><html lang=en><title>t</title><meta charset=utf-8><style>{style}</style>"
    (tmp_path / "page.html").write_text(f"{head}<main><h1>Molecules</h1>{body}</main>", encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    for width in (WIDE, NARROW):
        set_width(browser, width)
        assert_accessible(browser, "main")
        assert too_wide(browser) == []
    set_dark(browser)
    assert_accessible(browser, "main")
    assert complaints(browser) == []


def test_pictures_need_no_styles_of_their_own(browser, tmp_path):
    """A page whose policy allows no inline style and no script shows them in its colours."""
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'none'\">"
    svg = picture("CO", size=(200, 100), values=[1.0, -1.0]).replace("var(--plus)", "rgb(255, 0, 0)")
    (tmp_path / "page.html").write_text(f"<!doctype html>{policy}{svg}", encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    disc = browser.find_element("css selector", "g[stroke='rgb(255, 0, 0)'] path")
    assert disc.value_of_css_property("stroke") == "rgb(255, 0, 0)"
    assert complaints(browser) == []

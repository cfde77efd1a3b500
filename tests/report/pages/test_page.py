"""Every page and fragment: whole, escaped, self-contained, and within the width of a telephone."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser.chromium import NARROW, assert_accessible, complaints, set_dark, set_width, too_wide
from jinja2 import UndefinedError
from made_results import (
    HOSTILE,
    hostile,
    make_diagnosis,
    make_sensitivity,
    make_study,
    make_validation,
)
from made_training import make_repeats, make_training

from molq.report.pages.diagnosis import diagnosis_page
from molq.report.pages.page import breakable, heading, marked, render, sentence, stacked
from molq.report.pages.sensitivity import sensitivity_page
from molq.report.pages.study import study_page
from molq.report.pages.training import training_page
from molq.report.pages.validation import validation_page

PAGES = {
    "study": (study_page, make_study()),
    "regression": (study_page, make_study("regression")),
    "sensitivity": (sensitivity_page, make_sensitivity()),
    "diagnosis": (diagnosis_page, make_diagnosis()),
    "healthy": (diagnosis_page, make_diagnosis(healthy=True)),
    "validation": (validation_page, make_validation()),
    "validation with a model": (validation_page, make_validation(with_model=True)),
}
PAGES |= {
    "training": (training_page, make_training(repeats=make_repeats(0.8, 0.7))),
    "training of many tasks": (training_page, make_training(tasks=tuple("abcdef"))),
    "training of values": (training_page, make_training("regression")),
}


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in {"meta", "link", "br", "img", "hr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module", params=PAGES)
def page(request) -> str:
    make, found = PAGES[request.param]
    return make(found)


@pytest.fixture(scope="module", params=PAGES)
def hostile_page(request) -> str:
    make, found = PAGES[request.param]
    return make(hostile(found))


def test_a_page_is_whole_and_balanced(page):
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert page.startswith("<!doctype html>")


def test_a_page_loads_nothing(page):
    text = page.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    assert not re.search(r"https?://|src=|@import|url\((?!#)", text)


def test_a_page_explains_no_word_twice(page):
    explained = re.findall(r"<dt>([^<]+)</dt><dd>", "".join(re.findall(r'(?s)<dl class="words">.*?</dl>', page)))
    assert len(explained) == len(set(explained))


def test_text_from_outside_is_escaped(hostile_page):
    assert HOSTILE not in hostile_page
    assert "&lt;script&gt;alert" in hostile_page
    assert hostile_page.count("<script") == 1
    parser = Balanced()
    parser.feed(hostile_page)
    assert parser.open == []


def test_one_stylesheet_serves_all_pages():
    styles = {re.search(r"(?s)<style>(.*?)</style>", make(found))[1] for make, found in PAGES.values()}
    assert len(styles) == 1
    assert "print-color-adjust: exact" in styles.pop()


def test_what_a_template_asks_for_must_be_there():
    with pytest.raises(UndefinedError):
        render("fragments/mixed")


def test_cells_and_sentences_are_marked_up_and_escaped():
    assert stacked("0.7 [0.6, <b>]") == "0.7<small>[0.6, &lt;b&gt;]</small>"
    assert heading("hits 1% (library)") == "hits 1%<small>library</small>"
    assert (
        marked("from -0.5 [-1, 2] by `x -1`, 3-4")
        == "from −0.5 [−1, 2] by <code><span>x</span> <span>-1</span></code>, 3-4"
    )
    assert marked("do `a<b` & more") == "do <code>a&lt;b</code> &amp; more"
    assert sentence("so `it` is") == "So <code>it</code> is"


def test_nothing_overflows_at_the_width_of_a_telephone(browser, tmp_path):
    set_width(browser, NARROW)
    wide = {}
    for name, (make, found) in PAGES.items():
        browser.get(saved(make(found), tmp_path))
        wide[name] = too_wide(browser)
    assert wide == {name: [] for name in PAGES}


def test_a_page_is_accessible_in_both_themes(browser, page, tmp_path):
    browser.get(saved(page, tmp_path))
    assert_accessible(browser)
    set_dark(browser)
    assert_accessible(browser)
    assert complaints(browser) == []


def saved(page: str, folder: Path) -> str:
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


def test_names_may_be_broken_after_what_stands_between_their_parts() -> None:
    assert breakable("2-amino-4_5-(CF3)benzoic_acid") == "2-amino-4_<wbr/>5-(CF3)<wbr/>benzoic_<wbr/>acid"
    assert breakable("<b>;x_") == "&lt;b&gt;;<wbr/>x_"

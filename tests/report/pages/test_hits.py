"""The hits page: words first, whole without scripts, and safe whatever a file says."""

from __future__ import annotations

import base64
import hashlib
import re

import msgspec
import pytest
from browser.chromium import (
    NARROW,
    WIDE,
    assert_accessible,
    complaints,
    printed,
    set_dark,
    set_scripts,
    set_width,
    too_wide,
)
from made_hits import HITS, hit
from made_results import HOSTILE, hostile

from molq.errors import InputError
from molq.report.pages.hits import MOST, answers, heading, hits_page
from molq.report.text.hits import answer
from molq.results.hits import VERDICT_RATES, Belief, Contributions, Hits, Moved

IN_PARTS = Moved(0.25, 90, 1, 500, contributions=hit().contributions)
AWKWARD = {
    "usual": HITS,
    "bare": msgspec.structs.replace(
        HITS, hits=(hit(identifier=None, alerts=(), properties={}, belief=None, contributions=None, others={}),)
    ),
    "none": msgspec.structs.replace(HITS, hits=()),
    "many tasks": msgspec.structs.replace(
        HITS,
        columns=("p", *(f"task {i}" for i in range(31))),
        hits=(hit(scores={"p": 0.5, **{f"task {i}": i / 31 for i in range(31)}}),),
    ),
    "long": msgspec.structs.replace(
        HITS, hits=(hit(identifier="W" * 3000, others={"vendor": "W" * 3000}, alerts=("own: " + "W" * 500,) * 9),)
    ),
    "not drawn": msgspec.structs.replace(HITS, hits=(hit(smiles="C" * 300, contributions=None), hit(smiles="?"))),
    "no number": msgspec.structs.replace(HITS, hits=(hit(score=float("nan"), scores={"p": float("nan")}),)),
    "turned round": msgspec.structs.replace(HITS, hits=(hit(identifier="\u202egnp.exe\u2066\x1b[2K\x00\ud800"),)),
    "moved": msgspec.structs.replace(HITS, against="a.molq", hits=(hit(moved=Moved(0.25, 90, 1, 500)),)),
    "moved in parts": msgspec.structs.replace(HITS, model=HOSTILE, against="a.molq", hits=(hit(moved=IN_PARTS),) * 3),
}


def one_of(**changes) -> Hits:
    return msgspec.structs.replace(HITS, **changes)


def test_it_begins_with_what_was_found():
    page = hits_page(one_of(choice="cluster", considered=500))
    assert "2 molecules: the best of each group of similar ones among the best 500 of 10,000</h1>" in page
    assert "1 of 2 carries alerts (PAINS, own)." in page
    assert re.search(r'<span class="badge good">inside</span> <b>1</b>', page)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "2 molecules from the best 3 of 10,000"),
        ({"considered": 2}, "The best 2 of 10,000"),
        ({"choice": "maxmin"}, "2 molecules, chosen to be unlike each other, from the best 3 of 10,000"),
        (
            {"hits": (hit(),), "choice": "cluster"},
            "1 molecule: the best of each group of similar ones among the best 3",
        ),
        ({"hits": ()}, "No molecule is left of the best 3 of 10,000"),
    ],
)
def test_the_heading_says_how_many_and_how_chosen(changes, words):
    assert heading(one_of(**changes)).startswith(words)


def test_the_cost_of_a_diverse_choice_is_said_in_ranks():
    assert "their median rank is 2, the last is 3." in list(answers(one_of(choice="cluster")))[-1]
    assert "Their median rank is 2;" in answer(one_of(choice="cluster"))
    assert not any("rank 3" in words for words in answers(HITS))


def test_more_than_a_page_can_show_is_refused():
    with pytest.raises(InputError, match=r"20,001 hits are more than a page can show \(20,000\); give a smaller `top`"):
        hits_page(one_of(hits=HITS.hits[:1] * (MOST + 1)))


def test_small_scores_may_be_the_best():
    words = next(answers(one_of(descending=False, hits=tuple(reversed(HITS.hits)))))
    assert words == "Ranked by p, smallest first: 0.5000 up to 0.9375."


def test_of_models_at_signed_addresses_the_names_alone_are_seen():
    ours, other = (f"https://server/{name}.molq?X-Amz-Signature=SEC/RET" for name in ("ours", "other"))
    page = hits_page(one_of(hits=(hit(moved=Moved(0.25, 41, 2, 50)),), model=ours, against=other))
    moved = page.partition("What changed most")[2].partition("<h2>")[0]
    assert "ours.molq" in moved
    assert "***" not in moved
    assert not re.search("SEC|RET", page)


def test_the_most_moved_stand_with_both_scores():
    small, large = (
        hit(rank=9, identifier="small", moved=Moved(0.75, 9, 8, 50)),
        hit(rank=2, identifier="large", score=0.875, moved=Moved(0.25, 41, 2, 50)),
    )
    page = hits_page(one_of(hits=(small, large), model="m/int8.molq", against="m/fp32.molq"))
    moved = page.partition("What changed most")[2].partition("<h2>")[0]
    assert moved.index("large") < moved.index("small")
    assert "↓ 39" in moved
    assert "rank 2, 0.8750" in moved
    assert "rank 41, 0.2500" in moved
    assert "int8.molq" in moved
    assert "What changed most" not in hits_page(HITS)


def test_a_moved_molecule_is_drawn_once_for_each_model():
    ours, theirs = (Contributions((part,), 0.0, part) for part in (1.0, -1.0))
    both = hit(smiles="C", contributions=ours, moved=Moved(0.25, 41, 2, 50, contributions=theirs))
    page = hits_page(one_of(hits=(both,), model="m/<b>.molq", against="m/fp32.molq"))
    pair = page.partition('<div class="pair">')[2].partition("<figcaption>")[0]
    assert pair.count("<svg") == 2
    left, right = pair.split("fp32.molq")[0], pair
    assert "<small><b>&lt;b&gt;.molq</b> rank 2, " in left
    assert "rank 41, 0.2500" in right
    assert "var(--plus)" in pair
    assert "var(--minus)" in pair


@pytest.mark.parametrize("found", AWKWARD.values(), ids=AWKWARD)
def test_a_page_is_whole_whatever_is_in_it(found, browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(hits_page(found), encoding="utf-8")
    looks = [(False, NARROW), (True, WIDE)] if found is HITS else [(True, NARROW)]
    for is_dark, width in looks:
        set_dark(browser, is_dark)
        set_width(browser, width)
        browser.get(path.as_uri())
        assert complaints(browser) == []
        assert too_wide(browser) == []
        assert_accessible(browser)
    assert printed(browser).startswith(b"%PDF")


def test_text_from_outside_stays_text(browser, tmp_path):
    page = hits_page(hostile(msgspec.structs.replace(HITS, choice="top")))
    assert HOSTILE not in page
    assert page.count("<script") == 2
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    browser.get(path.as_uri())
    assert complaints(browser) == []
    assert browser.execute_script("return document.scripts.length") == 2
    assert HOSTILE in browser.find_element("css selector", ".molecule-table").text


def test_marks_of_direction_are_seen(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(hits_page(AWKWARD["turned round"]), encoding="utf-8")
    browser.get(path.as_uri())
    assert r"\u{202e}gnp.exe\u{2066}\u{1b}[2K" in browser.find_element("css selector", ".who b").text
    assert "\u202e" not in browser.find_element("tag name", "body").text


def test_a_page_runs_its_own_scripts_and_no_others():
    page = hits_page(HITS)
    script = re.findall(r"(?s)<script>(.*?)</script>", page)
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert len(script) == 1
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    text = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|src=|@import|url\((?!#)|\son\w+=", text)


def test_without_scripts_the_first_molecules_are_there(browser, tmp_path):
    many = tuple(hit(rank=i + 1, identifier=f"m{i}") for i in range(120))
    path = tmp_path / "page.html"
    path.write_text(hits_page(one_of(hits=many)), encoding="utf-8")
    set_scripts(browser, False)
    browser.get(path.as_uri())
    set_scripts(browser, True)  # selenium's questions are scripts too
    body = browser.find_element("tag name", "body").text
    assert "The first 100 of 120" in body
    assert "100. m99" in body
    assert "m100" not in body
    assert len(browser.find_elements("css selector", "#cards svg")) == 100
    assert not browser.find_element("id", "interactive").is_displayed()


def test_verdicts_stand_in_their_order_of_belief():
    both = (hit(belief=Belief(verdict="outside")), hit(belief=Belief(verdict="inside")), hit(belief=Belief()))
    page = hits_page(one_of(hits=both))
    assert page.index(">inside<") < page.index(">outside<")
    assert ">edge</span> <b>" not in page
    assert VERDICT_RATES in page
    assert VERDICT_RATES not in hits_page(one_of(hits=(hit(belief=None),)))

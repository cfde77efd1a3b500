from __future__ import annotations

import re
from importlib.resources import files

from molq.report.terms import BADGES, METRIC_WORDS, TERMS, VERDICTS


def test_every_word_that_is_named_has_a_meaning():
    assert set(METRIC_WORDS.values()) <= set(TERMS)
    assert set(VERDICTS) <= set(TERMS) & set(BADGES)


def test_a_meaning_is_a_clause_that_a_sentence_can_end_with():
    assert not [word for word, meaning in TERMS.items() if meaning.endswith(".") or meaning[:1].isspace()]


def test_templates_name_no_word_that_has_no_meaning():
    templates = files("molq.report").joinpath("templates")
    for template in (*templates.iterdir(), *templates.joinpath("fragments").iterdir()):
        if template.name.endswith(".jinja"):
            text = template.read_text(encoding="utf-8")
            assert set(re.findall(r'terms\["([^"]+)"\]', text)) <= set(TERMS), template.name

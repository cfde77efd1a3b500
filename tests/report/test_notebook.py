from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from made_hits import HITS
from made_results import (
    HOSTILE,
    hostile,
    make_comparison,
    make_diagnosis,
    make_explanation,
    make_search,
    make_sensitivity,
    make_study,
    make_validation,
    without_labels,
)
from made_training import make_repeats, make_training
from msgspec.structs import replace

from molq.nn.config import default_config
from molq.nn.predictor import Predictor
from molq.report.notebook import model_html
from molq.results.shown import as_html, as_text
from molq.store.card import Card
from molq.store.molqfile import save
from molq.visible import readable

RESULTS = {
    "study": make_study(),
    "study without labels": without_labels(make_study()),
    "one model": make_comparison(1),
    "comparison": make_comparison(4),
    "validation": make_validation(with_model=True),
    "sensitivity": make_sensitivity(),
    "search": make_search(),
    "diagnosis": make_diagnosis(),
    "healthy": make_diagnosis(healthy=True),
    "explanation": make_explanation(),
    "hits": readable(HITS),
    "no hits": replace(HITS, hits=()),
    "training": make_training(tasks=("a", "b"), repeats=make_repeats(0.8, 0.7)),
}


@pytest.fixture(params=RESULTS)
def result(request):
    return RESULTS[request.param]


def test_of_a_model_at_a_signed_address_the_name_alone_is_seen():
    found = make_diagnosis()
    found = replace(found, model=replace(found.model, path="https://server/m.molq?X-Amz-Signature=SEC/RET"))
    assert not re.search(r"SEC|RET|(?<!/)m\.molq\?", found._repr_html_())


def test_a_result_draws_itself_as_one_whole_element(result):
    fragment = as_html(result)
    assert fragment == result._repr_html_()
    body = re.sub(r"(?s)<style>.*?</style>", "", fragment, count=1).replace("&nbsp;", " ")
    assert ElementTree.fromstring(body).attrib == {"class": "molq"}
    assert "<script" not in fragment


def test_a_result_is_text_within_80_columns(result):
    assert repr(result) == as_text(result)
    lines = (line for line in repr(result).splitlines() if "`" not in line)
    assert max(map(len, lines)) <= 80


def test_every_rule_of_the_style_is_scoped(result):
    style = re.search(r"(?s)<style>(.*?)</style>", as_html(result))[1]
    outside = re.sub(r"(?s)\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}", "", style)
    assert set(re.findall(r"\S+", outside.replace(",", " "))) - {".molq"} == set(
        re.findall(r"\[.*?\]|\.vscode-dark", outside)
    )


def test_text_from_outside_is_escaped(result):
    fragment = as_html(hostile(result))
    assert HOSTILE not in fragment
    assert "<script" not in fragment


def test_a_model_shows_its_card(tmp_path):
    card = Card(name=f"model{HOSTILE}", description="What it is for.")
    fragment = model_html(save(tmp_path / "m.molq", Predictor(default_config("dmpnn", ("a",), "classification")), card))
    assert "What it is for." in fragment
    assert "encoder.W_h" in fragment
    assert "<script" not in fragment

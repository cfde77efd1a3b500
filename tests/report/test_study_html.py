from __future__ import annotations

from html.parser import HTMLParser

import pytest

from molq.errors import OutputError
from molq.report.study_html import chosen_variant, study_html, write_study_report

VOID = {"meta", "link", "br", "img", "hr"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_balanced(results):
    parser = Balanced()
    parser.feed(study_html(results))
    assert parser.open == []


def test_it_says_what_was_found_and_how(results):
    text = study_html(results)
    for found in (
        "26%",
        "−0.0040 [−0.0080, +0.0044]",
        "margin of 0.005",
        "non-inferior",
        "1,200 train, 150 valid, 150 test",
        "training molecules of toy (1,200); no test molecule is among them",
        "48.4%",
        "0 to 0.689",
        "molq study --dataset toy",
        "int8 instructions",
    ):
        assert found in text, found
    assert text.count("<svg") == 3


def test_names_from_outside_are_escaped(results):
    text = study_html(results)
    assert "toy<set>" not in text
    assert "toy&lt;set&gt;" in text


def test_it_is_self_contained(results):
    text = study_html(results).replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    assert not any(mark in text for mark in ("http://", "https://", "src=", "@import"))


def test_it_warns_when_the_training_molecules_are_not_known(results):
    assert 'class="warning"' not in study_html(results)
    results["split"]["held_out"] = False
    assert 'class="warning"' in study_html(results)


def test_it_speaks_of_int8_first_or_else_of_the_smallest(results):
    assert chosen_variant(results)["scheme"] == "int8"
    results["variants"] = results["variants"][:3]
    assert chosen_variant(results)["scheme"] == "fp16"
    assert "fp16" in study_html(results)


def test_regression_is_reported_by_its_error(regression_results):
    text = study_html(regression_results)
    assert "RMSE" in text
    assert "ROC-AUC" not in text


def test_without_labels_of_both_classes_there_is_no_verdict_and_no_figure_of_it(results):
    for v in results["variants"]:
        v["verdict"] = None
        v["delta_auc"] = v["delta_auc_low"] = v["delta_auc_high"] = None
    text = study_html(results)
    assert text.count("<svg") == 2
    assert "not judged" in text


def test_an_unwritable_place_is_an_output_error(results, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_study_report(tmp_path / "none" / "report.html", results)

from __future__ import annotations

from math import nan
from xml.etree import ElementTree

import pytest
from made_results import make_study

from molq.metrics.significance import Interval
from molq.report.figures.study import _groups, accuracy_versus_size, differences_to_fp32, speed
from molq.results.study import Study


@pytest.fixture
def study() -> Study:
    return make_study()


def texts(svg: str) -> list[str]:
    return [
        "".join(node.itertext()).strip() for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}text")
    ]


def test_every_scheme_is_labelled_in_every_figure(study):
    schemes = [v.scheme for v in study.variants]
    assert set(schemes) <= set(texts(accuracy_versus_size(study)))
    assert set(schemes) <= set(texts(speed(study)))
    assert set(schemes[1:]) <= set(texts(differences_to_fp32(study)))


def test_sizes_stand_on_the_axis_with_their_share(study):
    found = texts(accuracy_versus_size(study))
    assert {"337 kB", "0.26×", "1,280 kB", "1.00×"} <= set(found)


def test_files_of_about_the_same_size_share_a_place(study):
    names = [[v.scheme for v in group] for group in _groups(study.variants)]
    assert names == [["int8-dynamic", "int8"], ["fp16", "bf16"], ["fp32"]]


def test_the_margin_lies_on_the_side_that_is_worse(study):
    assert "margin −0.005" in texts(differences_to_fp32(study))
    assert "margin +0.005" in texts(differences_to_fp32(make_study("regression")))


def test_an_undefined_interval_is_left_out(study):
    (found,) = (v for v in study.variants if v.scheme == "int8")
    found.accuracy.metrics["roc_auc"] = Interval(0.8, nan, nan, 1, 0.95)
    assert "int8" in texts(accuracy_versus_size(study))

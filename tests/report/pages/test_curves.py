from __future__ import annotations

import msgspec
from made_results import make_study

from molq.report.pages import curves
from molq.report.pages.curves import curve_panels


def test_every_task_has_both_curves_up_to_a_number(monkeypatch):
    study = make_study()
    captions = [caption for caption, _, _ in curve_panels(study, study.variants[-1])]
    assert captions == ["a: ROC curve", "a: enrichment", "b: ROC curve", "b: enrichment"]
    monkeypatch.setattr(curves, "TASKS_DRAWN", 1)
    assert len(curve_panels(study, study.variants[-1])) == 2


def test_areas_are_those_of_the_table():
    study = make_study()
    _, remark, svg = curve_panels(study, study.variants[-1])[0]
    assert remark == "2 actives, 3 inactives among the test molecules"
    assert "fp32, AUC 0.800" in svg
    assert "the other schemes" in svg


def test_a_regressor_is_shown_beside_its_labels():
    study = make_study("regression")
    ((caption, remark, svg),) = curve_panels(study, study.variants[-1])
    assert (caption, remark) == ("a: predicted and measured", "2 of 150 test molecules")
    assert "int8" in svg


def test_results_of_before_have_none():
    bare = [msgspec.structs.replace(v, curves=(), predicted=()) for v in make_study().variants]
    study = msgspec.structs.replace(make_study(), variants=tuple(bare))
    assert curve_panels(study, study.variants[-1]) == []

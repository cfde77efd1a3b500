from __future__ import annotations

import msgspec
import pytest
from made_results import make_study, without_labels

from molq.report.pages.study_answer import best_count, hits_kept, judged, study_heading


@pytest.mark.parametrize(
    ("scheme", "heading"),
    [
        ("int8", "int8 is as good as fp32, in 26% of its bytes"),
        ("int8-dynamic", "int8-dynamic needs 26% of the bytes of fp32; too few test molecules to say at what cost"),
        ("fp32", "How good fp32 is on toy<set>"),
    ],
)
def test_the_headline_is_the_verdict(scheme, heading):
    study = make_study()
    (chosen,) = (v for v in study.variants if v.scheme == scheme)
    assert study_heading(study, chosen) == heading


def test_without_labels_only_the_size_is_said():
    study = without_labels(make_study())
    assert study_heading(study, study.variants[-1]) == "int8 needs 26% of the bytes of fp32"
    assert judged(study, study.variants[-1])[0] == "not judged, for lack of labels"


def test_hits_are_counted_in_molecules():
    study = make_study()
    assert best_count(study) == 50
    assert hits_kept(study, study.variants[-1]).endswith(
        "(its best 1%), 49 are also among the 50 that int8 ranks highest."
    )
    assert hits_kept(study, study.variants[0]) == ""
    whole = msgspec.structs.replace(study.variants[-1].library_agreement, hit_overlap_1pct=1.0)
    assert "all are also among" in hits_kept(
        study, msgspec.structs.replace(study.variants[-1], library_agreement=whole)
    )
    unknown = msgspec.structs.replace(study.variants[-1].library_agreement, hit_overlap_1pct=None)
    assert hits_kept(study, msgspec.structs.replace(study.variants[-1], library_agreement=unknown)) == ""


def test_the_verdict_names_margin_and_difference():
    study = make_study()
    answer, change = judged(study, study.variants[-1])
    assert answer == "no worse than fp32’s by more than the margin of 0.005, stated beforehand"
    assert change == "−0.0040 [−0.0080, +0.0044]"


def test_what_is_a_mean_over_tasks_says_so():
    study = make_study()
    two = msgspec.structs.replace(study, dataset=msgspec.structs.replace(study.dataset, tasks=("a", "b")))
    assert "49 (mean of 2 tasks) are also among" in hits_kept(two, two.variants[-1])

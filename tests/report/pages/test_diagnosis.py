from __future__ import annotations

import msgspec
from made_results import make_diagnosis

from molq.report.pages.diagnosis import diagnosis_page


def test_every_step_stands_with_its_evidence_and_suspects_are_open():
    text = diagnosis_page(make_diagnosis())
    assert text.count('<li class="suspect">') == 4
    assert text.count("<details open>") == 4
    assert "Mean squared change of a score" in text
    assert "The set’s molecules have too few rings: rings 0 on average, 3 in toy" in text
    assert "<code>it</code>" in text
    assert "12.0×" in text
    assert "width: 95.0%" in text


def test_molecules_that_the_model_is_tested_on_are_called_by_their_name():
    assert "The set against the molecules of toy:" in diagnosis_page(make_diagnosis())


def test_it_says_what_to_apply_and_what_was_written():
    text = diagnosis_page(make_diagnosis())
    assert "<span>--fix</span> <span>-o</span> <span>FIXED.molq</span>" in text
    assert "FIXED.csv" in text
    bare = diagnosis_page(msgspec.structs.replace(make_diagnosis(), commands=None, fixed=None))
    assert "<pre>" not in bare


def test_a_healthy_model_has_no_remedies():
    text = diagnosis_page(make_diagnosis(healthy=True))
    assert "q.molq is as good as float" in text
    assert '<span class="badge good">healthy</span>' in text
    assert "Remedies" not in text

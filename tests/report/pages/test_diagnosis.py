from __future__ import annotations

import re

import msgspec
from made_results import make_diagnosis, make_fidelity

from molq.metrics.significance import Difference
from molq.report.pages.diagnosis import diagnosis_page
from molq.visible import readable


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


def test_of_a_model_at_a_signed_address_the_name_alone_is_seen():
    found = make_diagnosis()
    model = msgspec.structs.replace(found.model, path="https://server/m.molq?X-Amz-Signature=SEC/RET")
    found = readable(msgspec.structs.replace(found, model=model))
    text = diagnosis_page(found)
    assert not re.search(r"SEC|RET|(?<!/)m\.molq\?", text)
    assert re.search(r"(?<!/)m\.molq ", text)


def test_a_healthy_model_has_no_remedies():
    text = diagnosis_page(make_diagnosis(healthy=True))
    assert "q.molq is as good as float" in text
    assert '<span class="badge good">healthy</span>' in text
    assert "Remedies" not in text


def test_molecules_are_drawn_where_it_speaks_of_them():
    text = diagnosis_page(make_diagnosis())
    moved = text.partition("Molecules that q.molq moves most")[2].partition("<h2>")[0]
    assert moved.count("card molecule") == 1
    assert "measured</span> inactive" in moved
    of_set = text.partition("Molecules of the set")[2].partition("</details>")[0]
    assert of_set.count("card molecule") == 14 + 1 + 1
    assert "1.50× the range" in text.partition("reach beyond the ranges")[2].partition("<h3>")[0]
    assert "12× the median" in text


def test_it_says_in_words_what_became_of_the_scores():
    text = diagnosis_page(make_diagnosis())
    assert "q.molq scores otherwise than its float model</h1>" in text
    assert (
        "Of the float model’s best 5%, 99% are still among the best 5%. The score that moved most: 0.7500 became"
        in text
    )
    assert "[−0.0020, +0.0030] 95%: within chance" in text
    loss = Difference(0.1, 0.05, 0.15, 150, 0.95)
    before = msgspec.structs.replace(make_fidelity(), loss=loss, verdict="inferior")
    worse = diagnosis_page(msgspec.structs.replace(make_diagnosis(), before=before))
    assert "q.molq lost accuracy</h1>" in worse
    assert "within chance" not in worse


def test_results_without_molecules_have_no_place_for_them():
    found = make_diagnosis(healthy=True)
    sites = tuple(msgspec.structs.replace(site, high_by=None, low_by=None, outliers=()) for site in found.sites)
    assert "card molecule" not in diagnosis_page(msgspec.structs.replace(found, changes=(), sites=sites))

from __future__ import annotations

import msgspec
from made_results import make_diagnosis, make_remedy

from molq.report.text.diagnosis import (
    N_SHOWN,
    diagnosis_text,
    headline,
    order_of_remedies,
    remedies_table,
    share,
    verdict,
)


def test_it_says_each_step_the_cause_and_what_to_do():
    text = diagnosis_text(make_diagnosis())
    assert "!  3. calibration set: not representative" in text
    assert "   7. training: not needed" in text
    assert "Cause: calibration set." in text
    assert "  molq diagnose q.molq --fix -o FIXED.molq" in text
    assert text.endswith("is made again by\n  molq quantize")


def test_a_healthy_model_is_left_in_peace():
    found = make_diagnosis(healthy=True)
    assert verdict(found).startswith("As good as float on these molecules: nothing to mend; what is marked suspect")
    quiet = tuple(msgspec.structs.replace(step, is_suspect=False) for step in found.steps)
    calm = msgspec.structs.replace(found, steps=quiet)
    assert verdict(calm) == "As good as float on these molecules: nothing to mend."
    assert "remedy" not in diagnosis_text(found)
    assert "No single cause" in verdict(msgspec.structs.replace(found, is_healthy=False))


def test_a_remedy_that_recovers_more_in_more_bytes_is_named():
    assert "scheme fp16 recovers 99.9%, in 2.0 kB" in order_of_remedies(make_diagnosis())
    assert "Of all" not in order_of_remedies(make_diagnosis(healthy=True))


def test_tables_fit_80_columns_and_the_rest_is_counted():
    many = tuple(make_remedy(f"new calibration set of {i}00, channels equalized", 0.9) for i in range(N_SHOWN + 3))
    found = msgspec.structs.replace(make_diagnosis(), remedies=many)
    text = diagnosis_text(found)
    assert max(map(len, text.splitlines())) <= 80
    assert "and 3 more that recover less" in text
    assert len(remedies_table(found).rows) == N_SHOWN + 3


def test_a_remedy_that_makes_it_worse_says_how_much():
    assert share(0.999) == "99.9%"
    assert share(-0.5) == "error 1.50×"
    assert share(-0.0001) == "0.0%"
    assert share(-0.03) == "−3.0%"


def test_where_molecules_are_too_few_no_loss_is_said_to_be_seen():
    found = make_diagnosis(healthy=True)
    assert headline(found, "q.molq") == "q.molq is as good as float"
    found = msgspec.structs.replace(found, before=msgspec.structs.replace(found.before, verdict="inconclusive"))
    assert headline(found, "q.molq") == "q.molq shows no loss that chance does not explain"
    assert verdict(found).startswith("No loss is seen: nothing to mend")

from __future__ import annotations

from molq.report.text.tuning import tuning_text
from molq.results.tuning import MemberTuning, Tuning

SAME = MemberTuning(0, 0.2, 0.2, None, None)


def test_errors_before_and_after_are_said() -> None:
    nearer = MemberTuning(3, 0.4, 0.1, 0.8, 0.81)
    assert tuning_text(Tuning("table", 96, 1032, 5, 1e-4, 0, (nearer, SAME))) == (
        "qat: error of the logits 0.3000 → 0.1500 of their spread on 1,032 validation molecules of table; "
        "best epoch 3, 0 of 5"
    )


def test_a_model_that_came_no_nearer_is_said_to_be_as_it_was() -> None:
    said = tuning_text(Tuning("table", 96, 32, 5, 1e-4, 0, (SAME, SAME)))
    assert said.startswith("qat: no epoch came nearer to the fp32 model on 32 validation molecules of table")
    assert said.endswith("kept as quantized after training")

from __future__ import annotations

import msgspec
from made_results import make_comparison

from molq.report.text.comparison import (
    compared_table,
    comparison_notes,
    comparison_text,
    comparison_words,
    counting_notes,
    other_table,
)


def test_one_model_is_compared_with_nothing():
    table = compared_table(make_comparison(1))
    assert table.header == ("model", "scheme", "size", "ROC-AUC")
    assert table.rows == (("fp32.molq", "fp32", "1,280.0 kB", "0.800 [0.720, 0.870]"),)
    assert "Margin" not in " ".join(comparison_notes(make_comparison(1)))


def test_others_are_compared_with_the_first():
    table = compared_table(make_comparison(2))
    assert table.header[-2:] == ("ΔROC-AUC to the first", "verdict")
    assert table.rows[0][-2:] == ("reference", "–")
    assert table.rows[1][-2:] == ("−0.0010 [−0.0020, +0.0011]", "non-inferior")


def test_the_second_table_has_the_rest():
    assert other_table(make_comparison(2)).header == ("model", "PR-AUC", "EF1%", "BEDROC")


def test_it_is_said_which_molecules_count():
    dataset = make_comparison().dataset
    every = msgspec.structs.replace(dataset, molecules=1500, side=None, rejected=0, unknown=())
    assert list(counting_notes(every)) == [
        "toy: all molecules count.",
        "Molecules that a model was trained on count too.",
    ]
    foreign = msgspec.structs.replace(dataset, molecules=1500)
    assert next(counting_notes(foreign)) == "toy: all molecules count, 2 rejected."


def test_the_text_fits_80_columns_with_every_number_and_word():
    text = comparison_text(make_comparison(5))
    assert max(map(len, text.splitlines())) <= 80
    assert "150 of 1,500 molecules count (the test side of the models’ splits)" in text
    assert "other.molq does not say whether it was trained on molecules of toy" in text
    assert all(f"\n{word}: " in text for word in comparison_words(make_comparison(5)))
    assert "inconclusive" in comparison_words(make_comparison(5))
    assert "inconclusive" not in comparison_words(make_comparison(2))

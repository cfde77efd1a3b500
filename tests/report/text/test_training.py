from __future__ import annotations

import msgspec
import pytest
from made_training import make_repeats, make_training

from molq.report.text.training import (
    answers,
    misses_table,
    repeats_words,
    splits_table,
    tasks_table,
    threshold_words,
    training_text,
)


def test_the_answer_comes_in_words():
    text = " ".join(answers(make_training()))
    assert "puts the active first 80 times of 100 (ROC-AUC 0.800 [0.700, 0.900], 30 molecules it never saw" in text
    assert "off by 0.8 on average: RMSE 0.800" in " ".join(answers(make_training("regression")))
    assert "hold one class alone" in " ".join(answers(make_training(metrics={}, tests=())))
    assert "No test molecule has a label" in " ".join(answers(make_training("regression", metrics={}, tests=())))
    one_class = make_training(metrics={"ef_1pct": make_training().metrics["roc_auc"]})
    assert "one class alone" in next(answers(one_class))


def test_the_threshold_says_where_it_comes_from_and_what_a_half_would_do():
    test = make_training().tests[0]
    words = threshold_words(test, 30)
    assert "from 0.311 on, it finds 8 of 10 actives and clears 17 of 20 inactives" in words
    assert "on the 30 validation molecules" in words
    assert "at 0.5 it would find 4 and clear 19" in words
    words = threshold_words(msgspec.structs.replace(test, chosen=None), 30)
    assert "from 0.500 on, it finds 4 of 10" in words
    assert "the usual 0.5" in words


def test_tasks_stand_in_rows():
    table = tasks_table(make_training(tasks=("a", "b")))
    assert table.header == ("task", "n", "ROC-AUC", "PR-AUC", "threshold", "actives found", "inactives cleared")
    assert table.rows[1] == ("b", "30", "0.800", "0.800", "0.311", "8 of 10", "17 of 20")
    assert tasks_table(make_training("regression", ("a", "b"))).header == ("task", "n", "RMSE", "MAE")


def test_the_worst_come_first():
    assert misses_table(make_training()).rows[0] == ("c1ccccc1O", "1", "0.020", "12")
    assert misses_table(make_training(tasks=("a", "b"))).rows[0] == ("c1ccccc1O", "a", "1", "0.020", "12")


def test_splits_and_their_spread():
    training = make_training(repeats=make_repeats(0.8, 0.7, 0.75))
    table = splits_table(training.repeats)
    assert table.rows[0] == ("7 (the model’s)", "30", "0.800 [0.700, 0.900]")
    assert table.rows[-2:] == (("mean", "", "0.750"), ("standard deviation", "", "0.050"))
    words = " ".join(repeats_words(training))
    assert "Over 3 splits ROC-AUC is 0.750 on average, from 0.700 to 0.800" in words
    assert "the first split (seed 7)" in words
    assert "no interval of the mean" in words


@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("tasks", [("a",), ("a", "b" * 90)])
def test_all_of_it_fits_a_terminal(kind, tasks):
    text = training_text(make_training(kind, tasks, repeats=make_repeats(0.8, 0.7)))
    assert max(map(len, text.splitlines())) <= 80


def test_splits_are_told_where_that_of_the_model_defines_no_metric():
    repeats = make_repeats(0.8, 0.7, 0.75)
    first, *others = repeats.splits
    bare = msgspec.structs.replace(repeats, splits=(msgspec.structs.replace(first, metrics={}), *others))
    assert [row[2] for row in splits_table(bare).rows[:2]] == ["–", "0.700 [0.600, 0.800]"]

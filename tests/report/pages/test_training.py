from __future__ import annotations

from html import unescape

from made_training import HOSTILE, make_repeats, make_training

from molq.report.pages.training import training_page
from molq.results.training import Training


def text_of(training: Training) -> str:
    return unescape(training_page(training).partition("</style>")[2])


def test_it_answers_first_and_names_the_threshold():
    text = text_of(make_training())
    assert "Puts an active before an inactive 80 times of 100" in text.partition("</h1>")[0]
    for found in (
        "from 0.311 on, it finds 8 of 10 actives",
        "8 (80%)",
        "17 (85%)",
        "0.800 [0.700, 0.900], 30 molecules",
        '<p class="figure">0.800</p><p class="detail">[0.700, 0.900], 30 molecules</p>',
        "240 trained on, 30 validation, 30 test",
        "4 rows hold a molecule that stands in more than one",
        "Rows that could not be read: the first 1 of 25",
        "unparsable SMILES: <b>",
        "predicted 0.020",
        "No picture: ",
        "8,457 weights",
    ):
        assert found in text, found
    assert "On other splits" not in text


def test_nothing_of_a_file_is_markup():
    page = training_page(make_training())
    assert HOSTILE not in page
    assert page.count("<script") == 1
    assert "toy<b>" not in page


def test_repeats_are_shown_with_their_spread():
    text = text_of(make_training(repeats=make_repeats(0.8, 0.7)))
    assert "0.750 ± 0.050" in text
    assert "7 (the model’s)" in text
    assert "The saved model is that of the first split (seed 7)" in text
    assert text.count("ROC-AUC of 2 splits") >= 1


def test_several_tasks_stand_in_a_table_and_the_first_are_drawn():
    text = text_of(make_training(tasks=tuple("abcdef")))
    assert text.count("<figcaption>ROC curve of ") == 6
    assert text.index("Curves of the other tasks") < text.index("<figcaption>ROC curve of e")
    assert "Called active or inactive" not in text


def test_a_regression_is_drawn_against_what_was_measured():
    text = text_of(make_training("regression"))
    assert "Off by 0.8 on average" in text
    assert "Predicted and measured" in text
    assert "1.5 ± 0.5 (30)" in text
    assert "ROC" not in text


def test_without_test_molecules_nothing_is_claimed():
    text = text_of(make_training(metrics={}, tests=(), misses=(), curves=(), statistics=None))
    assert "how well it does is not known" in text
    assert "gets most wrong" not in text
    assert "Epoch by epoch" in text

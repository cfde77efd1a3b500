from __future__ import annotations

from made_results import make_change

from molq.report.pages.changes import change_cards, moved_most


def test_a_card_has_both_scores_both_ranks_and_what_was_measured():
    (card,) = change_cards([make_change(label=1.0)], "int8", "classification")
    assert card.drawing.startswith("<svg")
    assert (card.name, card.score) == ("", "−0.2500")
    assert dict(card.facts) == {
        "fp32": "0.7500",
        "int8": "0.5000",
        "rank": "3 → 17",
        "measured": "active",
    }


def test_the_task_is_named_where_there_are_several_and_a_measured_value_as_it_is():
    (card,) = change_cards([make_change("C", 0.0)], "int8", "regression", n_columns=2)
    assert (card.name, dict(card.facts)["measured"]) == ("a", "0")
    (bare,) = change_cards([make_change("C")], "int8", "regression")
    assert "measured" not in dict(bare.facts)


def test_a_molecule_that_cannot_be_drawn_says_why():
    (card,) = change_cards([make_change("<b>")], "int8", "classification")
    assert (card.drawing, card.smiles) == ("", "<b>")
    assert card.missing


def test_the_largest_change_in_words():
    assert moved_most([make_change(), make_change("C")]) == "0.7500 became 0.5000"
    assert moved_most([]) == ""

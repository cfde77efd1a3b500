from __future__ import annotations

from made_results import make_explanation
from msgspec.structs import replace

from molq.report.text.contributions import SHOWN, explained_table, explanation_text


def test_a_row_tells_sum_and_strongest_atoms_or_why_there_is_no_score():
    assert explained_table(make_explanation()).rows == (
        ("CCCO", "−1", "0", "3: +0.75, 0: +0.5, 1: −0.25"),
        ("c1cc", "–", "–", "an open ring"),
    )


def test_many_molecules_are_counted():
    found = make_explanation()
    n = SHOWN + 5
    many = replace(found, smiles=found.smiles[:1] * n, contributions=found.contributions[:1] * n, reasons={})
    text = explanation_text(many)
    assert "5 more molecules" in text
    assert text.count("CCCO") == SHOWN


def test_the_unit_is_said_in_words():
    assert "baseline + atoms = output, in log odds" in explanation_text(make_explanation())
    assert "in the unit of the task" in explanation_text(make_explanation("value"))

from __future__ import annotations

import pytest

from molq.server.pool.questions import Describe, Draw, Read, Refused, Score, answer_in, packed, question_in


@pytest.mark.parametrize(
    ("question", "n_rows"),
    [
        (Describe(), 1),
        (Read(name="a.csv", content=b"smiles\nC\n", most_rows=3), 1),
        (Score(smiles=("C", "\u00e9"), models=("a",), belief=True), 2),
        (Draw(smiles=("C",), model=None, column=None, width=10, height=20), 1),
    ],
)
def test_questions_come_back_as_they_were(question, n_rows):
    assert question_in(packed(question)) == question
    assert question.n_rows == n_rows


def test_answers_come_back_as_they_were():
    assert answer_in(packed(Refused("no", is_fault=True))) == Refused("no", is_fault=True)

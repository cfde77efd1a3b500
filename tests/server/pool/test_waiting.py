from __future__ import annotations

import asyncio

import numpy as np
import pytest

from molq.server.pool.questions import Describe, ModelScores, Score, ScoreAnswer
from molq.server.pool.waiting import BATCH_ROWS, Asked, BusyError, WaitingQuestions, joined, parted


def asked(question):
    loop = asyncio.new_event_loop()
    try:
        return Asked(question, loop.create_future(), loop)
    finally:
        loop.close()


def score(*smiles: str, models=("a",)) -> Score:
    return Score(smiles=smiles, models=models)


def questions(taken):
    return [one.question for one in taken]


def test_questions_of_one_kind_are_taken_together_and_no_others():
    waiting = WaitingQuestions(1000)
    for question in (score("C"), Describe(), score("N"), score("O", models=("b",)), score("F")):
        waiting.put(asked(question))
    assert questions(waiting.take()) == [score("C"), score("N"), score("F")]
    assert questions(waiting.take()) == [Describe()]
    assert questions(waiting.take()) == [score("O", models=("b",))]
    assert waiting.n_rows == 0


def test_a_batch_is_not_larger_than_a_worker_is_given():
    waiting = WaitingQuestions(10_000)
    for _ in range(3):
        waiting.put(asked(score(*["C"] * (BATCH_ROWS // 2))))
    assert [len(waiting.take()) for _ in range(2)] == [2, 1]


def test_too_many_rows_are_refused_and_background_waits():
    waiting = WaitingQuestions(3)
    waiting.put(asked(score(*"CNO")))
    with pytest.raises(BusyError):
        waiting.put(asked(score("C")))
    waiting.put(asked(score("I")), background=True)
    assert questions(waiting.take()) == [score(*"CNO")]
    waiting.put(asked(score("C")))
    assert questions(waiting.take()) == [score("C")]
    assert questions(waiting.take()) == [score("I")]


def test_what_waits_in_the_background_takes_no_room_from_others():
    waiting = WaitingQuestions(3)
    waiting.put(asked(score(*"CNOFC")), background=True)
    waiting.put(asked(score(*"CCC")))
    with pytest.raises(BusyError):
        waiting.put(asked(score("C")))
    assert waiting.n_rows == 8
    assert questions(waiting.take()) == [score(*"CCC")]
    assert questions(waiting.take()) == [score(*"CNOFC")]
    waiting.put(asked(score(*"CCC")))
    assert waiting.n_rows == 3


def test_who_waits_when_it_is_closed_gets_none():
    waiting = WaitingQuestions(3)
    waiting.put(asked(score("C")))
    assert questions(waiting.close()) == [score("C")]
    assert waiting.take() == []


def test_an_answer_is_parted_as_the_questions_were_joined():
    parts = [score("C"), score("N", "C("), score("O")]
    whole = joined(parts)
    assert whole == score("C", "N", "C(", "O")
    scores = np.array([[1, 2], [3, 4], [np.nan, np.nan], [5, 6]], np.float32)
    answer = ScoreAnswer({"a": ModelScores(scores.tobytes(), {2: "no"})}, ["c", "n", None, "o"])
    one, two, three = parted(answer, parts)
    assert np.frombuffer(one.models["a"].scores, np.float32).tolist() == [1, 2]
    assert two.models["a"].reasons == {1: "no"}
    assert two.pictures == ["n", None]
    assert np.frombuffer(three.models["a"].scores, np.float32).tolist() == [5, 6]
    assert three.models["a"].reasons == {}

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from molq.chem.audit import AUDIT_RATE
from molq.records.chunk import Chunk
from molq.screening.output.standard_output import StandardOutput
from molq.screening.output.table import OutputTable
from molq.screening.workers.job import Job, ModelSource
from molq.server.pool.questions import Draw, Drawn, Read, ReadRows, Refused, Score, answer_in, packed
from molq.server.pool.request_worker import load_request_worker

JOB = Job(
    models=(ModelSource("a", b""),),
    output=StandardOutput(OutputTable(has_id=False)),
    layouts=(),
    max_atoms=1000,
    audit_rate=AUDIT_RATE,
    loader="fake_scorers:load",
)


@pytest.fixture(scope="module")
def worker():
    worker = load_request_worker(JOB)
    worker.warm_up()
    return worker


def answer(worker, question, **more):
    return answer_in(worker.run(Chunk(0, 0, question.n_rows, packed(question)), more.pop("skipped", {}), **more).body)


def test_blocks_and_all_at_once_give_the_same(worker):
    question = Score(smiles=(" CCO ", "C(", "C\0", "c1ccccc1", ""), models=("a",), pictures=True)
    announced = []
    at_once = answer(worker, question)
    in_blocks = answer(worker, question, blocks=[(0, 2), (2, 5)], announce=announced.append)
    assert at_once == in_blocks
    assert announced == [(0, 2), (2, 5), None, *[(row, row + 1) for row in range(5)], None]
    found = at_once.models["a"]
    assert sorted(found.reasons) == [1, 2, 4]
    assert found.reasons[2] == "the SMILES holds a NUL byte"
    scores = np.frombuffer(found.scores, np.float32).reshape(5, 2)
    assert np.isfinite(scores).all(axis=1).tolist() == [True, False, False, True, False]
    assert at_once.pictures[0].startswith("<svg")
    assert at_once.pictures[1] is None


def test_a_skipped_row_is_told_why(worker):
    found = answer(worker, Score(smiles=("C", "N"), models=("a",), pictures=True), skipped={1: "it hung"})
    assert found.models["a"].reasons == {1: "it hung"}
    assert found.pictures[1] is None
    refused = answer(worker, Read(name="x.sdf", content=b"", most_rows=1), skipped={0: "it hung"})
    assert refused == Refused("x.sdf cannot be read: it hung")
    drawn = answer(
        worker, Draw(smiles=("C", "C"), model=None, column=None, width=50, height=40), skipped={0: "it hung"}
    )
    assert isinstance(drawn, Drawn)
    assert drawn.why == ["it hung", None]


def test_an_error_on_purpose_is_an_answer(worker):
    found = answer(worker, Read(name="x.pdf", content=b"%PDF-1.4", most_rows=1))
    assert isinstance(found, Refused)
    assert "a PDF document" in found.message
    assert isinstance(answer(worker, Read(name="x", content=b"smiles\nC\n", most_rows=1)), ReadRows)


def test_audits_and_what_they_find_are_told():
    worker = load_request_worker(msgspec.structs.replace(JOB, audit_rate=1.0))
    question = Score(smiles=("CCO", "CCN"), models=("a",))
    result = worker.run(Chunk(0, 0, 2, packed(question)), {})
    assert (result.n_audited, result.difference) == (2, None)

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from molq.columns import columns_of
from molq.server.forms import as_arrow, as_csv, as_json
from molq.server.molecules import Answers, ModelAnswer, Molecules

MOLECULES = Molecules(("C", "bad,", "N"), ("a", None, "c"), {}, ("a note",))


def answer(task: str, scores, reasons, percentiles=None) -> ModelAnswer:
    return ModelAnswer(columns_of([task]), np.array(scores, np.float32)[:, None], reasons, percentiles)


def test_models_side_by_side_keep_what_all_scored():
    answers = Answers(MOLECULES, {"m": answer("p", [0.1, np.nan, 0.3], {1: "no"}), "n": answer("q", [1, 2, 3], {})})
    assert as_csv(answers) == b'smiles,id,p,q,rejected\nC,a,0.1,1,\n"bad,",,,,no\nN,c,0.3,3,\n'
    rows = json.loads(as_json(answers))["rows"]
    assert rows[1]["scores"] == {"n": {"q": 2.0}}
    assert rows[1]["error"] == "no"


def test_columns_of_one_name_are_told_apart():
    percentiles = np.array([[10.0], [50.0], [99.994]])
    answers = Answers(
        MOLECULES, {"m": answer("p", [1, 2, 3], {}, percentiles), "n": answer("p", [4, 5, 6], {}, percentiles)}
    )
    assert as_csv(answers).splitlines()[0] == b"smiles,id,m p,n p,m p_percentile,n p_percentile,rejected"
    table = pa.ipc.open_stream(as_arrow(answers)).read_all()
    assert table["m p_percentile"].to_pylist()[1] == 50.0
    assert json.loads(as_json(answers))["rows"][2]["percentile"] == {"m": {"p": 99.99}, "n": {"p": 99.99}}


def test_nothing_is_a_table_too():
    empty = Answers(Molecules(()), {"m": answer("p", np.zeros(0), {})})
    assert as_csv(empty) == b"smiles,p,rejected\n"
    assert pa.ipc.open_stream(as_arrow(empty)).read_all().num_rows == 0


def test_almost_all_of_the_reference_is_not_all_of_it():
    percentiles = np.array([[99.9975], [100.0], [np.nan]])
    rows = json.loads(as_json(Answers(MOLECULES, {"m": answer("p", [1, 2, 3], {}, percentiles)})))["rows"]
    assert [row["percentile"]["m"]["p"] for row in rows] == [99.99, 100.0, None]

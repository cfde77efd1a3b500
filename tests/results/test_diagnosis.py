from __future__ import annotations

import pytest
from msgspec import structs
from outcomes import tried

from molq.results.accuracy import Agreement
from molq.results.diagnosis import (
    BaselineEvidence,
    Cause,
    DiagnosedModel,
    Diagnosis,
    Fixed,
    Remedy,
    SetEvidence,
    SetReason,
    Step,
    TrialEvidence,
)
from molq.results.fidelity import Fidelity, ProbeSection
from molq.results.plain import plain
from molq.results.yardstick import YardstickSection

BEFORE = Fidelity(1e-2, 1e-1, 10.0, Agreement(0.5, 0.5, 0.5, 0.5), None, None)


def remedy(recovered: float, **changes: object) -> Remedy:
    return structs.replace(tried("observer", recovered).remedy, **changes)


def diagnosis(*remedies: Remedy) -> Diagnosis:
    return Diagnosis(
        model=DiagnosedModel("q.molq", "int8", "ab", 1000, 900, "m.molq"),
        probe=ProbeSection("bace", 100, True, "test", 800),
        statistics=YardstickSection("roc_auc", "classification", 0.005, 1000, 0),
        is_healthy=False,
        before=BEFORE,
        steps=(),
        causes=(Cause("observer", ("because",), 0.9),),
        remedies=remedies,
        sites=(),
    )


def test_what_is_recovered_is_the_smaller_share() -> None:
    assert remedy(0.9).recovered == 0.9
    assert remedy(0.9, recovered_loss=0.5).recovered == 0.5
    assert remedy(0.9).is_cure
    assert not remedy(0.79).is_cure
    assert not remedy(0.9, fidelity=structs.replace(BEFORE, sqnr_db=20.0)).is_cure


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recovered_noise": 0.04}, "observer makes little difference"),
        ({"recovered_noise": -1.5}, "observer makes the error of the logits 2.5 times as large"),
        ({"recovered_noise": 0.9}, "observer recovers 90.0% of the error of the logits"),
        (
            {"recovered_noise": 0.9, "recovered_loss": 0.5},
            "observer recovers 90.0% of the error of the logits and 50.0% of the metric's loss",
        ),
    ],
)
def test_an_outcome_in_words(changes: dict[str, float], said: str) -> None:
    assert remedy(0.0, **changes).outcome == said


def test_the_best_remedy_and_the_larger_one_that_recovers_more() -> None:
    small, large = remedy(0.9, layer_bytes=100), remedy(0.99, layer_bytes=190)
    found = diagnosis(small, large)
    assert (found.best, found.larger) == (small, large)
    assert diagnosis(small, remedy(0.99, layer_bytes=100)).larger is None
    assert diagnosis(remedy(-0.1)).best is None
    assert (diagnosis().best, diagnosis().larger) == (None, None)


@pytest.mark.parametrize(
    ("evidence", "stated"),
    [
        (None, {}),
        (BaselineEvidence(None), {"quantized_from_reference": None}),
        (
            BaselineEvidence(True, 0.8, 0.7, 0.9),
            {"quantized_from_reference": True, "value": 0.8, "low": 0.7, "high": 0.9},
        ),
        (SetEvidence(3), {"molecules": 3}),
        (
            SetEvidence(30, None, "marginal", 0.01, (SetReason("a", "b", "c"),)),
            {
                "molecules": 30,
                "is_the_models_own": None,
                "verdict": "marginal",
                "p_value": 0.01,
                "reasons": [{"statistic": "a", "finding": "b", "remedy": "c"}],
                "missing": [],
                "likeness": None,
            },
        ),
        (TrialEvidence({"observer mse": 0.5}), {"observer mse": 0.5}),
    ],
)
def test_the_evidence_of_a_step_is_flat(evidence: object, stated: dict[str, object]) -> None:
    assert plain(Step("name", "finding", True, evidence)) == {
        "name": "name",
        "finding": "finding",
        "is_suspect": True,
        "evidence": stated,
    }


def test_keys_of_the_diagnosis() -> None:
    found = diagnosis(remedy(0.9))
    stated = plain(found)
    assert stated["target"]["name"] == "bace"
    assert stated["remedies"][0] | {"recovered": 0.9, "score_mse": 1e-3} == stated["remedies"][0]
    assert not {"commands", "fixed"} & set(stated)
    applied = plain(structs.replace(found, commands=("molq",), fixed=Fixed("f.molq", 1, "cd", "observer")))
    assert applied["commands"] == ["molq"]
    assert applied["fixed"] == {"path": "f.molq", "size_bytes": 1, "content_hash": "cd", "remedy": "observer"}

from __future__ import annotations

import asyncio

from molq.columns import columns_of
from molq.server import app
from molq.server.limits import Limits
from molq.server.pool.questions import ModelDescription, ModelScores, Refused, ScoreAnswer
from molq.server.reference import ReferenceLibrary
from molq.server.service import Service


def test_every_failure_is_the_same_json(client, service, monkeypatch):
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/v1/", 404),
        ("PUT", "/v1/predict", 405),
        ("GET", "/health/", 404),
        ("POST", "/v1/predict?pictures=x", 422),
    ):
        answer = client.request(method, path)
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"message", "row"}


def test_a_fault_of_the_server_is_told_without_its_insides(client, service, monkeypatch):
    def fail(names):
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr(service, "chosen", fail)
    answer = client.post("/v1/predict", json=["C"])
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "a fault of the server" in answer.json()["error"]["message"]


def test_a_reference_on_which_a_worker_failed_is_scored_again(monkeypatch):
    class Pool:
        answers = iter([Refused("it died", is_fault=True), ScoreAnswer({"m": ModelScores(b"\0" * 8, {})})])

        async def ask(self, question, *, background=False):
            return next(self.answers)

    monkeypatch.setattr(app, "_AGAIN_SECONDS", 0.0)
    about = ModelDescription("m", columns_of(["p"]), "regression", "fp32", "dmpnn", 1, "", 1, "", "", None, None)
    service = Service(Pool(), Limits(), models={"m": about})  # type: ignore[arg-type]
    asyncio.run(app._rank(service, ReferenceLibrary("two", ("C", "CC"))))
    assert (service.reference.name, service.reference.rows) == ("two", 2)

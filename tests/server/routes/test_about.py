from __future__ import annotations

import molq


def test_the_models_are_told(client, service):
    found = client.get("/v1/models").json()
    assert [model["name"] for model in found["models"]] == ["bace-dmpnn", "esol-dmpnn"]
    first = found["models"][0]
    assert first["columns"] == [{"name": "Class", "task": "Class", "part": "value", "kind": "probability"}]
    assert found["models"][1]["columns"][0]["kind"] == "value"
    assert first["has_training_set"]
    assert first["content_hash"] == molq.load("bace-dmpnn").content_hash
    assert found["limits"]["rows"] == service.limits.rows
    assert found["version"] == molq.__version__


def test_health_and_numbers(client):
    assert client.get("/health").json()["status"] == "ok"
    client.post("/v1/predict?model=bace-dmpnn", json=["C", "C("])
    text = client.get("/metrics").text
    assert 'molq_molecules_total{model="bace-dmpnn",outcome="rejected"}' in text
    assert "molq_waiting_rows 0" in text


def test_every_route_is_described(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert {"/v1/predict", "/v1/models", "/health", "/metrics"} <= set(document["paths"])
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path, operations in document["paths"].items():
        assert path in page.text
        for operation in operations.values():
            assert operation["summary"]
            assert all(parameter["description"] for parameter in operation.get("parameters", ()))
    for gone in ("<script", "http://", "https://", "style="):
        assert gone not in page.text

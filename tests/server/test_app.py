from __future__ import annotations


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

from __future__ import annotations

import pytest
from server_client import client_of

TOKEN = "correct-horse-battery"
HEADERS = {
    "content-security-policy": "script-src 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


@pytest.fixture
def guarded(service):
    return client_of(service, TOKEN)


@pytest.mark.parametrize("path", ["/health", "/", "/static/docs.css", "/v1/models", "/nothing", "/docs", "/metrics"])
def test_every_answer_is_safe_and_sets_no_cookie(client, path):
    answer = client.get(path)
    for name, part in HEADERS.items():
        assert part in answer.headers[name] or (name == "cache-control" and "no-cache" in answer.headers[name])
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/health", "/", "/static/docs.css", "/v1/models", "/nothing", "/docs"])
def test_a_head_is_that_of_the_answer(client, path):
    head, answer = client.head(path), client.get(path)
    assert head.status_code == answer.status_code
    assert {name: value for name, value in head.headers.items() if name != "date"} == {
        name: value for name, value in answer.headers.items() if name != "date"
    }


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.io"])
def test_a_name_that_a_stranger_lets_lead_here_is_not_answered(client, host):
    answer = client.get("/v1/models", headers={"host": host})
    assert answer.status_code == 421
    assert host in answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["", "a b", "localhost/", "user@localhost", "localhost:port"])
def test_what_is_no_host_is_not_answered(client, host):
    assert client.get("/health", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:8000", "[::1]:8000"])
def test_its_own_names_are_answered(client, host):
    assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_page_of_another_origin_may_change_nothing(client, headers):
    for ask in (client.post, client.delete):
        assert ask("/v1/predict", headers=headers).status_code == 403
    assert client.get("/health", headers=headers).status_code == 200


def test_the_own_page_may(client):
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert client.post("/v1/predict", json=["C"], headers=headers).status_code == 200


@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"],
)
def test_without_the_token_nothing_is_told(guarded, given):
    headers = {} if given is None else {"authorization": given.encode("latin-1")}
    for path in ("/v1/models", "/metrics", "/v1/nothing"):
        answer = guarded.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert TOKEN not in answer.text


def test_with_the_token_any_name_is_answered(guarded):
    headers = {"authorization": f"bearer {TOKEN}", "host": "molq.example:443"}
    assert guarded.get("/v1/models", headers=headers).status_code == 200
    assert guarded.get("/", headers={"host": "molq.example"}).status_code == 200


def test_what_is_counted_does_not_grow_with_what_strangers_ask(client):
    for i in range(50):
        client.get(f"/{i}")
        client.request(f"X{i}", "/health")
    text = client.get("/metrics").text
    assert 'molq_requests_total{route="other",method="GET",status="404"}' in text
    assert len(text.splitlines()) < 600

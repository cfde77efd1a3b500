from __future__ import annotations

import pytest


def test_the_page_and_its_parts_come_from_the_package(client):
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    style = client.get("/static/docs.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    again = client.get("/static/docs.css", headers={"if-none-match": style.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "/etc/passwd",
        "docs.css/..",
        "docs.css%00",
        "",
        ".",
        "a\\..\\app.py",
    ],
)
def test_no_path_of_a_client_is_opened(client, path):
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 404
    assert "make_app" not in answer.text

from __future__ import annotations

import base64
import contextlib
import random
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from molq.remote import retrying
from molq.remote.opened import ranges_of, state_at
from molq.remote.retrying import RemoteChangedError, RemoteError, RemoteRefusedError

CONTENT = random.Random(0).randbytes(300_000)


class Site:
    """What a server does: honours ranges or not, demands a password, fails so and so often."""

    def __init__(self) -> None:
        self.content, self.etag = CONTENT, '"1"'
        self.has_ranges = self.has_length = True
        self.password: str | None = None
        self.moved_to: str | None = None
        self.authorizations: list[str | None] = []
        self.failures: list[int | str] = []
        self.asked: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/library.csv"


@pytest.fixture
def site(monkeypatch, tmp_path) -> Iterator[Site]:
    monkeypatch.setattr(retrying, "_FIRST_WAIT_S", 0.0)
    monkeypatch.setenv("HOME", str(tmp_path))
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.headers.get("Range", ""))
            site.authorizations.append(self.headers.get("Authorization"))
            if site.moved_to and self.path != "/moved":
                self.send_response(302)
                self.send_header("Location", site.moved_to)
                self.end_headers()
                return
            failure = site.failures.pop(0) if site.failures else None
            if site.password and self.headers.get("Authorization") != f"Basic {site.password}":
                failure = 401
            if isinstance(failure, int):
                self.send_error(failure)
                return
            body, status = site.content, 200
            span = re.match(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if site.has_ranges and span and len(body) > int(span[1]):
                status, body = 206, body[int(span[1]) : int(span[2]) + 1]
            elif site.has_ranges and span:
                self.send_error(416)
                return
            self.send_response(status)
            if status == 206 and span:
                self.send_header("Content-Range", f"bytes {span[1]}-{span[2]}/{len(site.content)}")
            if site.has_length:
                self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", site.etag)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if failure == "cut" else body)

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield site
        server.shutdown()
        thread.join()


def test_parts_alone_are_asked_for(site):
    found = ranges_of(site.url)
    assert found.state == ("1", len(CONTENT), "")
    assert found.fetch(10, 5000) == CONTENT[10:5000]
    assert site.asked == ["bytes=0-0", "bytes=10-4999"]


@pytest.mark.parametrize("has_length", [True, False])
def test_a_server_without_ranges_is_copied_from_once(site, has_length):
    site.has_ranges, site.has_length = False, has_length
    found = ranges_of(site.url)
    assert found.state.size_bytes == len(CONTENT)
    assert found.fetch(0, 9) + found.fetch(200_000, 300_000) == CONTENT[:9] + CONTENT[200_000:]
    assert len(site.asked) == 2
    found.close()
    assert state_at(site.url) is not None
    assert len(site.asked) == 3


def test_an_empty_file(site):
    site.content = b""
    with contextlib.closing(ranges_of(site.url)) as found:
        assert found.state.size_bytes == 0


@pytest.mark.parametrize("has_ranges", [True, False])
def test_failures_are_outlived(site, has_ranges):
    site.has_ranges = has_ranges
    site.failures = [503, "cut", 500]
    found = ranges_of(site.url)
    site.failures = [429, "cut"]
    assert found.fetch(7, 100_007) == CONTENT[7:100_007]
    found.close()


def test_a_server_that_goes_on_failing_is_told_of(site):
    found = ranges_of(site.url)
    site.failures = [503] * 100
    with pytest.raises(RemoteError, match="status 503"):
        found.fetch(0, 9)


def test_a_file_that_is_changed_meanwhile_is_noticed(site):
    found = ranges_of(site.url)
    site.etag = '"2"'
    with pytest.raises(RemoteChangedError):
        found.fetch(0, 9)


def test_what_cannot_be_had(site):
    for status, kind in ((404, FileNotFoundError), (403, PermissionError), (400, RemoteRefusedError)):
        site.failures, site.asked = [status] * 9, []
        with pytest.raises(kind):
            ranges_of(site.url)
        assert len(site.asked) == 1
    with pytest.raises(RemoteError, match="cannot be reached"):
        ranges_of("http://127.0.0.1:9/a.csv")


def test_blanks_and_letters_of_a_path_are_asked_for_in_their_codes(site):
    url = site.url.replace("library", "my library é")
    assert ranges_of(f"{url}?sig=SECRET").fetch(0, 9) == CONTENT[:9]
    for query in ("sig=SEC RET", "sig=SECRETé"):
        with pytest.raises(RemoteRefusedError, match="holds blanks or the like") as caught:
            ranges_of(f"{url}?{query}")
        assert "SEC" not in str(caught.value)


def test_who_asks_is_said_by_the_url_or_by_netrc(site, tmp_path):
    site.password = base64.b64encode(b"me:p/w").decode()
    with pytest.raises(PermissionError):
        ranges_of(site.url)
    assert ranges_of(site.url.replace("http://", "http://me:p%2Fw@")).fetch(0, 1) == CONTENT[:1]
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password p/w\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert ranges_of(site.url).fetch(0, 1) == CONTENT[:1]


def test_who_asks_is_not_told_to_where_the_server_sends_us_on(site):
    site.moved_to = f"http://localhost:{site.port}/moved"
    assert ranges_of(site.url.replace("http://", "http://me:secret@")).fetch(0, 9) == CONTENT[:9]
    asked, moved = site.authorizations[::2], site.authorizations[1::2]
    assert len(moved) == len(asked) == 2
    assert all(asked)
    assert not any(moved)

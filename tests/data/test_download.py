from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from heard import Heard

from molq.data.locate import locate
from molq.errors import DatasetError

CONTENT = b"smiles,active\nCCO,1\nCCN,0\nCCC,1\n" * 20_000


class Server(ThreadingHTTPServer):
    pages: dict[str, tuple[int, bytes, int]]
    """path to status, body and declared length"""

    def url(self, path: str, body: bytes = b"", status: int = 200, length: int | None = None) -> str:
        self.pages[path] = (status, body, len(body) if length is None else length)
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        status, body, length = self.server.pages.get(self.path, (404, b"", 0))
        self.send_response(status)
        if length >= 0:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(bare_machine, monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server(("127.0.0.1", 0), Handler)
    server.pages = {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("body", [CONTENT, gzip.compress(CONTENT)], ids=["plain", "gzip"])
def test_a_download_lands_uncompressed_in_the_cache(server, register, bare_machine, body):
    register(CONTENT, url=server.url("/toy", body))
    path = locate("toy")
    assert path == bare_machine / "toy.csv"
    assert path.read_bytes() == CONTENT
    server.pages.clear()
    assert locate("toy") == path


def test_progress_counts_the_bytes_received(server, register):
    register(CONTENT, url=server.url("/toy", CONTENT))
    heard = Heard()
    locate("toy", progress=heard)
    seen = heard.steps["download toy"]
    assert len(seen) > 1
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_server_that_tells_no_length_is_fine(server, register):
    register(CONTENT, url=server.url("/toy", CONTENT, length=-1))
    heard = Heard()
    assert locate("toy", progress=heard).read_bytes() == CONTENT
    assert heard.steps["download toy"][-1] == (len(CONTENT), None)


def test_a_mirror_is_taken_when_the_canonical_address_fails(server, register):
    mirrors = [server.url("/other", b"other bytes"), server.url("/good", CONTENT)]
    register(CONTENT, url=server.url("/gone", status=404), mirrors=mirrors)
    assert locate("toy").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"body": CONTENT + b"x"}, "its content has sha256"),
        ({"body": CONTENT[:1000], "length": len(CONTENT)}, "closed after 1000 of"),
        ({"body": gzip.compress(CONTENT)[:1000]}, "its content has sha256"),
        ({"body": b"\x1f\x8b but not gzip"}, "Error -3"),
        ({"status": 503}, "503"),
    ],
    ids=["altered", "cut", "cut-gzip", "no-gzip", "refused"],
)
def test_a_failed_download_leaves_nothing_and_names_the_remedy(server, register, bare_machine, page, message):
    register(CONTENT, url=server.url("/toy", **page))
    with pytest.raises(DatasetError, match=rf"toy could not be downloaded.*{message}.*MOLQ_DATA_DIR"):
        locate("toy")
    assert not bare_machine.exists() or not list(bare_machine.iterdir())


def test_no_network_is_one_clear_error(bare_machine, register, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    register(CONTENT, url="http://127.0.0.1:9/toy.csv")
    with pytest.raises(DatasetError, match=r"could not be downloaded.*Check the network"):
        locate("toy")


def test_a_cache_that_cannot_be_written_is_named(server, register, bare_machine):
    bare_machine.parent.parent.mkdir()
    bare_machine.parent.write_text("a file where the folder should be")
    register(CONTENT, url=server.url("/toy", CONTENT))
    with pytest.raises(DatasetError, match=r"cache .* cannot be written.*XDG_CACHE_HOME"):
        locate("toy")


def test_an_interrupted_download_leaves_nothing(server, register, bare_machine):
    class Interrupting(Heard):
        def step(self, done: int, total: int | None) -> None:
            raise KeyboardInterrupt

    register(CONTENT, url=server.url("/toy", CONTENT))
    with pytest.raises(KeyboardInterrupt):
        locate("toy", progress=Interrupting())
    assert not list(bare_machine.iterdir())

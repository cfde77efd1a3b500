from __future__ import annotations

import os
import socket
import sys
import threading

import pytest
import ray_cluster

from molq.errors import InputError, UnsupportedError
from molq.screening.workers.ray_session import ray_session, require_ray

installed = pytest.mark.skipif(ray_cluster.MISSING is not None, reason=str(ray_cluster.MISSING))


def test_without_the_extra_it_says_what_to_install(fake_screen, library, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UnsupportedError) as caught:
        fake_screen(library, tmp_path / "out.csv", engine="ray")
    assert str(caught.value) == (
        "a screen with `engine=ray` needs ray, which is not installed; install it with: pip install 'molq[ray]'"
    )
    assert not list(tmp_path.glob("out*"))


@installed
def test_with_it_there_is_nothing_to_say():
    require_ray("this")


@installed
def test_a_connection_that_is_there_is_used_and_left(monkeypatch):
    import ray

    def never(*_arguments: object, **_options: object) -> None:
        raise AssertionError("it is somebody else's")

    monkeypatch.setattr(ray, "is_initialized", lambda: True)
    monkeypatch.setattr(ray, "init", never)
    monkeypatch.setattr(ray, "shutdown", never)
    with ray_session(None, 1):
        pass


@installed
def test_an_address_where_nothing_answers_is_an_error_and_the_environment_as_before(monkeypatch):
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: None)

    def refuse(address, **options):
        assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
        raise ConnectionError(f"nobody at {address}.\nmore of it")

    monkeypatch.setattr(ray, "init", refuse)
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    message = r"no Ray answers at `address` far \(nobody at far\); give HOST:PORT of"
    with pytest.raises(InputError, match=message), ray_session("far", 2):
        pass
    assert "RAY_USAGE_STATS_ENABLED" not in os.environ


@installed
@pytest.mark.parametrize(
    ("address", "variable", "asked", "counts"),
    [
        (None, None, "local", True),
        ("auto", None, "auto", False),
        (None, "head", "head", False),
        ("other", "head", "other", False),
    ],
)
def test_who_is_asked(monkeypatch, address, variable, asked, counts):
    import ray

    heard = []
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: heard.append("left"))
    monkeypatch.setattr(ray, "init", lambda address, **options: heard.append((address, options.get("num_cpus"))))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    if variable:
        monkeypatch.setenv("RAY_ADDRESS", variable)
    with ray_session(address, 3):
        pass
    assert heard == [(asked, 3 if counts else None), "left"]


@installed
def test_what_ray_prints_of_itself_is_kept_out_of_standard_output(monkeypatch, capsys):
    import ray

    lost = threading.Event()

    def tell() -> None:
        lost.wait(10)
        print("(raylet) a node is lost")

    teller = threading.Thread(target=tell)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: print("(raylet) and told again"))
    monkeypatch.setattr(ray, "init", lambda address, **options: teller.start())
    before = sys.stdout
    with ray_session("head", 2):
        print("scores")
        lost.set()
        teller.join()
        sys.stdout.flush()
    assert sys.stdout is before
    heard = capsys.readouterr()
    assert (heard.out, heard.err) == ("scores\n", "(raylet) a node is lost\n(raylet) and told again\n")


@installed
def test_an_address_where_nobody_listens_is_known_at_once(monkeypatch):
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    monkeypatch.setattr(ray, "init", lambda address, **options: pytest.fail("Ray was asked"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with (
        pytest.raises(InputError, match=rf"no Ray answers at `address` 127.0.0.1:{port} "),
        ray_session(f"127.0.0.1:{port}", 1),
    ):
        pass

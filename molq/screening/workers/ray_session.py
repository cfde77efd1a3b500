"""A Ray to work on: the cluster at an address, or one of this machine that ends with the work."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from typing import Any, TextIO, cast

from molq.errors import InputError, UnsupportedError

_ADDRESS = "RAY_ADDRESS"
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""no report to anybody, and no warning of a setting that this has no use for"""
_STORE_BYTES = 512 << 20
"""of the object store of a Ray of this machine: the model, and the few chunks that are on their way"""
_KNOCK_S = 10.0


def require_ray(doing: str) -> None:
    """Returns when Ray is installed. Raises UnsupportedError, saying that ``doing`` needs it, when it is not."""
    if find_spec("ray") is None:
        raise UnsupportedError(f"{doing} needs ray, which is not installed; install it with: pip install 'molq[ray]'")


@contextmanager
def ray_session(address: str | None, n_cpus: int) -> Iterator[None]:
    """Connected to the cluster at ``address``, else at $RAY_ADDRESS, else to a Ray of ``n_cpus`` on this machine.

    What this started or joined it leaves; where the process is connected already it uses that and leaves it alone.
    Raises InputError when nothing answers at the address.
    """
    import ray

    if ray.is_initialized():
        yield
        return
    address = address or os.environ.get(_ADDRESS) or "local"
    options = {"num_cpus": n_cpus, "object_store_memory": _STORE_BYTES} if address == "local" else {}
    before = set(threading.enumerate())
    with _environment(_QUIET), redirect_stdout(sys.stderr):
        try:
            _knock(address)
            ray.init(address, include_dashboard=False, log_to_driver=False, logging_level="ERROR", **options)
        except Exception as error:
            ray.shutdown()
            raise InputError(
                f"no Ray answers at `address` {address} ({_first_line(error)}); give HOST:PORT of the head node, or"
                " begin one there (ray start tells how)"
            ) from error
    with redirect_stdout(cast(TextIO, _OwnOutput(sys.stdout, set(threading.enumerate()) - before))):
        try:
            yield
        finally:
            with redirect_stdout(sys.stderr):
                ray.shutdown()


def _knock(address: str) -> None:
    """Raises OSError when nobody listens at HOST:PORT, which Ray itself takes minutes to find out."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal() and "/" not in host:
        socket.create_connection((host, int(port)), _KNOCK_S).close()


class _OwnOutput:
    """Standard output, which may hold scores; what Ray's threads print, of lost nodes, goes to the other stream."""

    def __init__(self, stream: TextIO, threads: set[threading.Thread]) -> None:
        self._stream, self._threads = stream, threads

    def write(self, text: str) -> int:
        return (sys.stderr if threading.current_thread() in self._threads else self._stream).write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Variables that are set meanwhile, where they are not set already."""
    added = [name for name in values if name not in os.environ]
    os.environ.update({name: values[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__

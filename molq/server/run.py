"""A server that runs until it is stopped."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from molq.data.locate import library_path
from molq.errors import InputError, UnsupportedError
from molq.face.bundled import is_bundled, model_path
from molq.limits import require_within
from molq.screening.settings import TIMEOUT_S
from molq.screening.workers.job import ModelSource, read_model
from molq.server.jobs.folder import default_folder
from molq.server.limits import Limits
from molq.server.reference import MOST_ROWS, ReferenceLibrary
from molq.urls import name_in

REFERENCE = "zinc-sample"
_LEAST_TOKEN = 16
_WRITABLE = re.compile(r"[!-~]+")
_BACKLOG = 1024
_LEAST_WORKERS = 2
"""so that a molecule that hangs does not hold up everybody"""


def serve(
    models: str | Path | Sequence[str | Path],
    *,
    reference: str | Path = REFERENCE,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    data: str | Path | None = None,
    keep_gb: float = 20.0,
    workers: int | None = None,
    timeout_per_molecule: float = TIMEOUT_S,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve models over HTTP: a page for chemists at /, an API at /v1 with its documentation at /docs.

    Returns when it is stopped. ``models``: paths or names of bundled models. Without a ``token`` it answers this
    machine alone; another ``host`` than its own wants one. ``reference`` is the library among which scores are ranked,
    a file or the name of a data set. Uploads, jobs and results are kept in the folder ``data``, by default the user's
    own (~/.local/state/molq/serve), up to ``keep_gb`` gigabytes; the oldest finished jobs go first, and jobs that were
    not finished go on when the server starts again. ``workers`` processes score, by default one per core and at least
    two; a molecule that takes longer than ``timeout_per_molecule`` seconds is rejected. ``started`` is told the address
    when the server listens.

    Raises InputError for what cannot be served, UnsupportedError without the packages of ``molq[serve]``, OutputError
    when another server keeps its jobs in ``data``.
    """
    require_within(port=port, workers=workers, timeout_per_molecule=timeout_per_molecule, keep_gb=keep_gb)
    given = [models] if isinstance(models, str | Path) else models
    _refuse_open_doors(host, token)
    sources = named_sources(given)
    try:
        from molq.server.listening import listen
    except ImportError as error:
        raise UnsupportedError(
            f"a server needs {error.name or error}, which is not installed; install it with: pip install 'molq[serve]'"
        ) from error
    limits = Limits(data_bytes=int(keep_gb * 1e9))
    with _listening(host, port) as sock:
        n_workers = workers or max(_cores(), _LEAST_WORKERS)
        folder = default_folder() if data is None else Path(data)
        listen(
            sock,
            sources,
            limits,
            token,
            n_workers,
            timeout_per_molecule,
            folder,
            _reference(reference),
            _telling(started, _address(sock)),
        )


def _reference(library: str | Path) -> ReferenceLibrary:
    """The first molecules of a library. Raises InputError when it cannot be read."""
    from molq.server.pool.reading import first_rows  # it loads RDKit

    rows = first_rows(library_path(library), MOST_ROWS)
    smiles = tuple(text for row, text in enumerate(rows.smiles) if row not in rows.rejected)
    if not smiles:
        raise InputError(f"`reference` {library} holds no molecule; name another file or data set")
    return ReferenceLibrary(name_in(str(library)), smiles)


def _telling(started: Callable[[str], None] | None, address: str) -> Callable[[], None]:
    def tell() -> None:
        if started is not None:
            started(address)

    return tell


def named_sources(models: Sequence[str | Path]) -> list[ModelSource]:
    """The models as they are now, called as they are served: a bundled name, or the name of the file.

    A second one of a name is called NAME-2. Raises InputError for what is no model.
    """
    if not models:
        raise InputError("no model given; name a .molq file or a bundled model")
    sources: dict[str, ModelSource] = {}
    for model in models:
        path = model_path(model)
        stem = str(model) if is_bundled(model) else name_in(str(path)).removesuffix(".molq")
        name, n = stem, 2
        while name in sources:
            name, n = f"{stem}-{n}", n + 1
        sources[name] = ModelSource(name, read_model(str(path)).content)
    return list(sources.values())


def _refuse_open_doors(host: str, token: str | None) -> None:
    """Returns when nobody can come in who should not. Raises InputError else."""
    if token is not None and not (len(token) >= _LEAST_TOKEN and _WRITABLE.fullmatch(token)):
        raise InputError(
            f"`token` has {len(token)} characters; give at least {_LEAST_TOKEN}, ASCII and without blanks, such as"
            f" {_a_token()}"
        )
    if token is None and not _is_this_machine(host):
        raise InputError(
            f"`host` {host} lets other machines in, and without `token` they may all use the server; keep 127.0.0.1, or"
            f" give a token that clients must send, such as {_a_token()}"
        )


def _a_token() -> str:
    import secrets

    return secrets.token_hex(16)


def _is_this_machine(host: str) -> bool:
    return all(ipaddress.ip_address(address).is_loopback for address in _addresses(host))


def _addresses(host: str) -> list[str]:
    """Raises InputError when the name leads nowhere."""
    try:
        found = socket.getaddrinfo(host or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise InputError(f"`host` {host!r} is no address of this machine: {error.strerror or error}") from error
    return [str(address[0]).partition("%")[0] for *_, address in found]


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises InputError when the port is taken."""
    address = _addresses(host)[0]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise InputError(
            f"port {port} of {host} cannot be used ({error.strerror or error}); choose another with `port`, 0 for any"
        ) from error
    return sock


def _address(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

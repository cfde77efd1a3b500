"""How many requests `molq serve` answers, how soon, and whether every answer is right: by clients that wait for each.

Each client sends one request after the other over one connection, each with one molecule unless it is said otherwise,
and every answer is compared with what `molq screen` wrote of the same molecules. The clients run in a process of their
own on the same machine, so they take a part of its cores.

    python bench/serve.py                            1, 8 and 64 clients for 10 s each, and requests of 100 molecules
    python bench/serve.py --load 60                  64 clients for 60 s; a worker is killed every 20 s
    python bench/serve.py --peer VENV/bin/python     ADMET-AI's web server too, both with its ten models;
                                                     that interpreter needs admet-ai[web]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

import molq

OUT = Path(__file__).parent / "out"
_ADDRESS = re.compile(r"serving at http://127\.0\.0\.1:(\d+),")
_PEER_SECONDS = 180.0
_WARM_SECONDS = 1.0

Ask = Callable[[int], bytes]
"""the number of a request → its bytes"""
Check = Callable[[int, bytes], bool]
"""the number of a request, the body of its answer → whether it is right"""


class Load(NamedTuple):
    """What clients saw."""

    seconds: float
    latencies: list[float]
    """s, of every request that was answered"""
    wrong: int
    unanswered: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, share: float) -> float:
        return float(np.percentile(self.latencies, share)) * 1e3 if self.latencies else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--load", type=float, help="64 clients for so many seconds, workers killed meanwhile")
    parser.add_argument("--peer", help="Python with admet-ai[web]")
    parser.add_argument("--model", default="bace-dmpnn")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        if options.load:
            _say(load_lines(options.model, Path(folder), options.load), "serve-load")
        else:
            _say(rate_lines(options.model, Path(folder), options.seconds), "serve")
        if options.peer:
            _say(peer_lines(options.peer, Path(folder), options.seconds), "serve-peer")


def rate_lines(model: str, folder: Path, seconds: float) -> Iterator[str]:
    """A table of rates, and a screen of the same molecules beside it."""
    smiles, scores = screened([model], folder)
    yield f"{model}, molecules of zinc-sample, {seconds:g} s each, {machine()}."
    yield ""
    yield "| clients | molecules a request | requests/s | molecules/s | p50, ms | p99, ms | wrong | unanswered |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    with served([model], folder) as server:
        for clients, size in ((1, 1), (8, 1), (64, 1), (8, 100)):
            ask, check = predictions(smiles, scores, size)
            asyncio.run(load_of(server.port, ask, check, clients, _WARM_SECONDS))
            found = asyncio.run(load_of(server.port, ask, check, clients, seconds))
            yield (
                f"| {clients} | {size} | {found.rate:,.0f} | {found.rate * size:,.0f} | {found.percentile_ms(50):.1f} |"
                f" {found.percentile_ms(99):.1f} | {found.wrong} | {found.unanswered} |"
            )
    started = time.perf_counter()
    summary = molq.screen(model, "zinc-sample", folder / "again.csv", workers=1)
    took = time.perf_counter() - started
    yield ""
    yield (
        f"- One `molq screen` process with one worker: {summary.mols_per_s:,.0f} molecules/s after its start,"
        f" {summary.rows / took:,.0f} with it ({summary.rows:,} molecules, {took:.1f} s)."
    )


def load_lines(model: str, folder: Path, seconds: float, clients: int = 64, every: float = 20.0) -> Iterator[str]:
    """Whether every request is answered and every answer right while workers are killed."""
    smiles, scores = screened([model], folder)
    with served([model], folder) as server:
        ask, check = predictions(smiles, scores, 1)
        asyncio.run(load_of(server.port, ask, check, 4, _WARM_SECONDS))
        killed: list[int] = []
        found = asyncio.run(_killing(server, ask, check, clients, seconds, every, killed))
    n_killed = len(killed)
    yield (
        f"- {clients} clients, {seconds:g} s, {n_killed} worker{'s' if n_killed != 1 else ''} killed meanwhile:"
        f" {len(found.latencies):,} requests answered, {found.unanswered} unanswered, {found.wrong} wrong"
        f" (compared with `molq screen`); {found.rate:,.0f} requests/s, p50 {found.percentile_ms(50):.0f} ms,"
        f" p99 {found.percentile_ms(99):.0f} ms, longest {max(found.latencies) * 1e3:.0f} ms. {machine()}."
    )


def peer_lines(python: str, folder: Path, seconds: float) -> Iterator[str]:
    """ADMET-AI's ten models by its own web server and by molq's."""
    models = []
    for name in ("classification", "regression"):
        path = folder / f"admet-{name}.molq"
        molq.import_checkpoint(f"admet_ai:{name}").save(path)
        models.append(str(path))
    smiles, scores = screened(models, folder)
    yield f"ADMET-AI's ten models (41 tasks, fp32), one molecule a request, {seconds:g} s each, {machine()}."
    yield ""
    yield "| server | clients | requests/s | p50, ms | p99, ms |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    with served(models, folder) as server:
        ask, check = predictions(smiles, scores, 1)
        yield from _peer_rows("molq serve, JSON", server.port, ask, check, seconds)
        ask, check = predictions(smiles, scores, 1, {"pictures": True, "percentile": True})
        yield from _peer_rows("molq serve, with pictures and percentiles", server.port, ask, check, seconds)
    with _admet_web(python, folder) as port:
        ask, check = _forms(smiles)
        yield from _peer_rows("ADMET-AI's page (gunicorn, 2 workers)", port, ask, check, seconds)
    yield ""
    yield (
        "- ADMET-AI's server answers a form with a page: with 41 scores come percentiles among DrugBank and plots,"
        " and there is no request without them. Its page is not compared number by number."
    )


def _peer_rows(name: str, port: int, ask: Ask, check: Check, seconds: float) -> Iterator[str]:
    for clients in (1, 8, 64):
        asyncio.run(load_of(port, ask, check, min(clients, 2), _WARM_SECONDS))
        found = asyncio.run(load_of(port, ask, check, clients, seconds))
        wrong = f" ({found.wrong} wrong, {found.unanswered} unanswered)" if found.wrong or found.unanswered else ""
        yield (
            f"| {name}{wrong} | {clients} | {found.rate:,.1f} | {found.percentile_ms(50):,.0f} |"
            f" {found.percentile_ms(99):,.0f} |"
        )


def screened(models: Sequence[str], folder: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The molecules of a library, and the scores that `molq screen` writes of them, as text by column."""
    molq.screen(list(models), "zinc-sample", folder / "expected.csv", workers=1, force=True)
    with (folder / "expected.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["rejected"]]
    smiles = [row["smiles"] for row in rows]
    scores = [{k: v for k, v in row.items() if k not in ("smiles", "id", "rejected")} for row in rows]
    return smiles, scores


def predictions(
    smiles: Sequence[str], scores: Sequence[dict[str, str]], size: int, options: dict[str, bool] | None = None
) -> tuple[Ask, Check]:
    """Requests of so many molecules, and whether an answer has the very numbers that a screen has written."""

    def places(number: int) -> list[int]:
        return [(number * size + i) % len(smiles) for i in range(size)]

    def ask(number: int) -> bytes:
        body = json.dumps({"smiles": [smiles[place] for place in places(number)], **(options or {})}).encode()
        return _post("/v1/predict", body, "application/json")

    def check(number: int, body: bytes) -> bool:
        rows = json.loads(body, parse_float=str)["rows"]
        found = [{k: v for model in row["scores"].values() for k, v in model.items()} for row in rows]
        expected = [scores[place] for place in places(number)]
        return len(found) == len(expected) and all(map(_same, found, expected))

    return ask, check


def _same(found: dict[str, str], expected: dict[str, str]) -> bool:
    return found.keys() == expected.keys() and all(float(found[name]) == float(expected[name]) for name in found)


def _forms(smiles: Sequence[str]) -> tuple[Ask, Check]:
    """Requests as ADMET-AI's page sends them."""

    def ask(number: int) -> bytes:
        body = urllib.parse.urlencode({"text-smiles": smiles[number % len(smiles)]}).encode()
        return _post("/", body, "application/x-www-form-urlencoded")

    return ask, lambda number, body: b"<svg" in body


def _post(path: str, body: bytes, kind: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def load_of(port: int, ask: Ask, check: Check, clients: int, seconds: float) -> Load:
    """What so many clients see in so many seconds; each sends its next request when the last is answered."""
    latencies: list[float] = []
    counts = [0, 0]
    started = time.perf_counter()

    async def client(first: int) -> None:
        number = first
        reader = writer = None
        while time.perf_counter() - started < seconds:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert reader is not None
            begun = time.perf_counter()
            try:
                writer.write(ask(number))
                status, body, is_kept = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError):
                counts[1] += 1
                writer.close()
                writer = None
                continue
            latencies.append(time.perf_counter() - begun)
            counts[0] += status != 200 or not check(number, body)
            number += clients
            if not is_kept:
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    await asyncio.gather(*(client(first) for first in range(clients)))
    return Load(time.perf_counter() - started, latencies, counts[0], counts[1])


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    length = re.search(rb"content-length: *(\d+)", head)
    is_kept = b"connection: close" not in head
    body = await (reader.readexactly(int(length[1])) if length else reader.read())
    return status, body, is_kept and length is not None


async def _killing(
    server: Served, ask: Ask, check: Check, clients: int, seconds: float, every: float, killed: list[int]
) -> Load:
    async def kill() -> None:
        while True:
            await asyncio.sleep(every)
            for pid in server.workers()[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    killer = asyncio.create_task(kill())
    try:
        return await load_of(server.port, ask, check, clients, seconds)
    finally:
        killer.cancel()


class Served(NamedTuple):
    """A server that runs."""

    port: int
    pid: int

    def workers(self) -> list[int]:
        """The processes that score: forked from the one that holds the models."""
        return [worker for child in _children(self.pid) for worker in _children(child)]


@contextlib.contextmanager
def served(models: Sequence[str], folder: Path) -> Iterator[Served]:
    """`molq serve` in a process of its own, as long as the block."""
    command = [sys.executable, "-m", "molq", "serve", *models, "--port", "0", "--data", str(folder / "data")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if found := _ADDRESS.search(line):
                _wait_for_reference(int(found[1]))
                yield Served(int(found[1]), process.pid)
                break
        else:
            raise RuntimeError("".join(said))
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def _wait_for_reference(port: int) -> None:
    async def is_ready() -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        _, body, _ = await _answer(reader)
        writer.close()
        return json.loads(body)["reference"] is not None

    while not asyncio.run(is_ready()):
        time.sleep(0.2)


@contextlib.contextmanager
def _admet_web(python: str, folder: Path) -> Iterator[int]:
    """ADMET-AI's web server as its documentation starts it for production."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "gunicorn", "--workers", "2", "--timeout", "300", "--bind", f"127.0.0.1:{port}"]
    with (folder / "peer.log").open("wb") as log:
        process = subprocess.Popen([*command, "admet_ai.web.wsgi:build_app()"], stdout=log, stderr=log)
    try:
        asyncio.run(_until_it_answers(port))
        yield port
    except Exception as error:
        raise RuntimeError((folder / "peer.log").read_text()[-3000:]) from error
    finally:
        process.terminate()
        process.wait()


async def _until_it_answers(port: int) -> None:
    until = time.monotonic() + _PEER_SECONDS
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            await asyncio.wait_for(_answer(reader), _PEER_SECONDS)
            writer.close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(1)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def machine() -> str:
    """Cores and load, without which a rate says little."""
    return f"{len(os.sched_getaffinity(0))} cores, load average {os.getloadavg()[0]:.1f} at the start"


def _say(lines: Iterator[str], name: str) -> None:
    said = []
    for line in lines:
        print(line, flush=True)
        said.append(line)
    (OUT / f"{name}.md").write_text("\n".join(said) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

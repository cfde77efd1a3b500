"""docs/serve.md and bench/serve.py: the clients work as they stand, the unit is whole, and answers stay right."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import molq

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
sys.path.insert(0, str(ROOT / "bench"))

import serve as bench  # noqa: E402


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.Served]:
    with bench.served(["bace-dmpnn"], tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def molecules(tmp_path: Path) -> Path:
    (tmp_path / "molecules.csv").write_text("smiles,id\nCCO,a\nC1CC,b\nc1ccccc1O,c\n")
    return tmp_path


def here(text: str, server: bench.Served) -> str:
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")


def test_the_client_in_python(server: bench.Served) -> None:
    (client,) = blocks("python")
    assert len(client.strip().splitlines()) <= 10
    done = subprocess.run([sys.executable, "-c", here(client, server)], capture_output=True, text=True, check=True)
    score = molq.load("bace-dmpnn").predict(["CC(=O)Oc1ccccc1C(=O)O"])[0]
    first, second = done.stdout.splitlines()
    assert first == f"CC(=O)Oc1ccccc1C(=O)O {{'bace-dmpnn': {{'Class': {score!s}}}}}"
    assert second == "C1CC unparsable SMILES: unclosed ring"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_client_of_one_line(server: bench.Served, molecules: Path) -> None:
    predict, job = (here(block, server).strip() for block in blocks("sh"))
    assert len(predict.splitlines()) == 1
    found = subprocess.run(predict, shell=True, cwd=molecules, capture_output=True, check=True).stdout
    molq.screen("bace-dmpnn", molecules / "molecules.csv", molecules / "out.csv", workers=0)
    assert found == (molecules / "out.csv").read_bytes()
    begun = json.loads(subprocess.run(job, shell=True, cwd=molecules, capture_output=True, check=True).stdout)
    assert begun["filename"] == "molecules.csv"


def test_many_clients_get_right_answers_while_workers_are_killed(server: bench.Served, tmp_path: Path) -> None:
    import asyncio

    smiles, scores = bench.screened(["bace-dmpnn"], tmp_path)
    ask, check = bench.predictions(smiles, scores, 1)
    killed: list[int] = []
    found = asyncio.run(bench._killing(server, ask, check, 16, 2.0, 0.7, killed))
    assert (found.wrong, found.unanswered) == (0, 0)
    assert len(found.latencies) > 32
    assert killed


def test_the_load_test_can_fail(tmp_path: Path) -> None:
    ask, check = bench.predictions(["C"], [{"p": "0.5"}], 1)
    body = {"rows": [{"scores": {"m": {"p": 0.5}}}]}
    assert check(0, json.dumps(body).encode())
    assert not check(0, json.dumps(body).replace("0.5", "0.50001").encode())
    assert not check(0, b'{"rows": []}')
    assert b"Content-Length" in ask(0)


def test_the_unit_names_an_option_that_there_is() -> None:
    (unit,) = blocks("ini")
    parsed = configparser.ConfigParser(interpolation=None, strict=False)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit)
    words = parsed["Service"]["ExecStart"].split()
    assert words[1:3] == ["serve", "bace-dmpnn"]
    from typer.testing import CliRunner

    from molq.cli.main import app

    said = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).output
    assert all(word in said for word in words if word.startswith("--"))


@pytest.mark.slow
def test_a_job_of_a_killed_server_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    import time
    import urllib.request

    table = b"smiles\n" + b"".join(b"%sO\n" % (b"CN" * (1 + i % 90)) for i in range(200_000))
    (tmp_path / "in.csv").write_bytes(table)

    def told(port: int, path: str, body: bytes | None = None) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", body) as answer:
            return json.load(answer)

    with bench.served(["bace-dmpnn"], tmp_path) as server:
        job = told(server.port, "/v1/jobs?model=bace-dmpnn", table)
        while told(server.port, f"/v1/jobs/{job['id']}")["rows_done"] < 70_000:  # type: ignore[operator]
            time.sleep(0.1)
        os.kill(server.pid, signal.SIGKILL)
    with bench.served(["bace-dmpnn"], tmp_path) as server:
        while (found := told(server.port, f"/v1/jobs/{job['id']}"))["state"] in ("waiting", "running"):
            time.sleep(0.2)
        assert found["state"] == "done", found["message"]
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/v1/jobs/{job['id']}/result") as answer:
            scores = answer.read()
    molq.screen("bace-dmpnn", tmp_path / "in.csv", tmp_path / "expected.csv")
    assert scores == (tmp_path / "expected.csv").read_bytes()

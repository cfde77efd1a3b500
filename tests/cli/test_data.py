from __future__ import annotations

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from molq.cli.data import app
from molq.data.registry import dataset_names, datasets_dir
from molq.errors import DatasetError, InputError


@pytest.fixture
def bare_machine(monkeypatch, tmp_path) -> Path:
    monkeypatch.delenv("MOLQ_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def molq_data(*arguments: str):
    return CliRunner().invoke(app, arguments)


def test_list_shows_every_dataset_and_its_place(bare_machine):
    lines = molq_data("list").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line.split() for line in lines[2:] if not line.startswith(" ")]
    assert [row[0] for row in rows] == dataset_names()
    places = {row[0]: row[2] for row in rows}
    assert places["bace"] == "embedded"
    assert places["tox21"] == "download"
    assert "12 classification tasks: " in molq_data("list").stdout


def test_list_as_json(bare_machine):
    entries = {entry["name"]: entry for entry in json.loads(molq_data("list", "--json").stdout)}
    assert sorted(entries) == dataset_names()
    assert len(entries["tox21"]["tasks"]) == 12
    assert entries["tox21"]["path"] is None
    assert entries["bace"]["path"] == str(datasets_dir() / "bace.csv.gz")


def test_a_copy_in_the_named_folder_is_local(bare_machine, monkeypatch):
    (bare_machine / "tox21.csv.gz").write_bytes(gzip.compress(b"any"))
    monkeypatch.setenv("MOLQ_DATA_DIR", str(bare_machine))
    entry = json.loads(molq_data("info", "tox21", "--json").stdout)
    assert (entry["place"], entry["path"]) == ("local", str(bare_machine / "tox21.csv.gz"))


def test_info_tells_source_licence_and_checksum(bare_machine):
    text = molq_data("info", "clintox").stdout
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 80
    for part in ("FDA_APPROVED", "CT_TOX", "1,484", "MIT", "Gayvert", "molmap 4.1", "9999816e760dd838"):
        assert part in text


def test_get_prints_the_path(bare_machine):
    result = molq_data("get", "bace", "zinc-sample")
    assert result.stdout.splitlines() == [str(datasets_dir() / f) for f in ("bace.csv.gz", "zinc_sample.smi.gz")]
    assert json.loads(molq_data("get", "bace", "--json").stdout) == {"bace": str(datasets_dir() / "bace.csv.gz")}


@pytest.mark.parametrize("command", ["info", "get"])
def test_an_unknown_name_is_an_input_error(bare_machine, command):
    result = molq_data(command, "bacee")
    assert isinstance(result.exception, InputError)
    assert "did you mean bace" in str(result.exception)
    assert result.stdout == ""


def test_a_damaged_copy_is_a_dataset_error(bare_machine, monkeypatch):
    (bare_machine / "tox21.csv").write_text("not it")
    monkeypatch.setenv("MOLQ_DATA_DIR", str(bare_machine))
    assert isinstance(molq_data("get", "tox21").exception, DatasetError)


def test_a_download_tells_its_bytes(bare_machine, monkeypatch):
    content = b"smiles\nCCO\n" * 10_000
    told: list[tuple[str, int, int | None]] = []

    @contextmanager
    def shown(title: str):
        yield SimpleNamespace(stage=told.append, step=lambda done, total: told.append((title, done, total)))

    monkeypatch.setattr("molq.cli.data.shown", shown)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    _register(bare_machine / "registry", content, monkeypatch)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    entry = bare_machine / "registry" / "toy.toml"
    entry.write_text(entry.read_text() + f'url = "http://127.0.0.1:{server.server_port}/toy"\n')
    result = molq_data("get", "toy")
    thread.join()
    server.server_close()
    path = bare_machine / "molq" / "datasets" / "toy.csv"
    assert result.stdout == f"{path}\n"
    assert path.read_bytes() == content
    assert told[-1] == ("download toy", len(content), len(content))
    assert result.stderr == ""


def _register(folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    folder.mkdir()
    (folder / "toy.toml").write_text(
        f'description = "toy"\nkind = "library"\nsmiles_column = "smiles"\nfilename = "toy.csv"\nrows = 10_000\n'
        f'licence = "none"\ncitation = "none"\norigin = "a test"\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    )
    monkeypatch.setattr("molq.data.registry.datasets_dir", lambda: folder)
    monkeypatch.setattr("molq.data.locate.datasets_dir", lambda: folder)

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

import molq
from molq.errors import InputError, UnsupportedError
from molq.screening.workers.job import ModelSource
from molq.server import run
from molq.server.run import named_sources


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_are_let_in_with_a_token_alone(host):
    with pytest.raises(InputError, match=r"`host` .* lets other machines in"):
        molq.serve("bace-dmpnn", host=host)


@pytest.mark.parametrize("token", ["", "short", "0123456789abcde\n", "x" * 15, "é" * 20, "a b" * 10])
def test_a_token_that_is_none_is_refused(token):
    with pytest.raises(InputError, match="`token` has"):
        molq.serve("bace-dmpnn", token=token)


def test_a_model_at_a_signed_address_is_called_by_its_name_alone(monkeypatch):
    monkeypatch.setattr(run, "read_model", lambda path: ModelSource(path, b"content"))
    sources = named_sources(["https://server/m.molq?X-Amz-Signature=SEC/RET", "s3://bucket/m.molq"])
    assert [source.path for source in sources] == ["m", "m-2"]


def test_a_port_that_is_taken_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} of 127.0.0.1 cannot be used"):
            molq.serve("bace-dmpnn", port=port)
    with pytest.raises(InputError, match="no address of this machine"):
        molq.serve("bace-dmpnn", host="no.such.host.invalid")


def test_what_is_missing_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "molq.server.listening", raising=False)
    with pytest.raises(UnsupportedError, match=r"pip install 'molq\[serve\]'"):
        molq.serve("bace-dmpnn")


def test_models_are_called_by_their_names_each_by_one(tmp_path: Path):
    copy = tmp_path / "bace-dmpnn.molq"
    copy.write_bytes(bytes(molq.load("bace-dmpnn")))
    names = [source.path for source in named_sources(["bace-dmpnn", copy, "esol-dmpnn", copy])]
    assert names == ["bace-dmpnn", "bace-dmpnn-2", "esol-dmpnn", "bace-dmpnn-3"]
    with pytest.raises(InputError, match="no model given"):
        named_sources([])
    with pytest.raises(InputError, match="did you mean bace-dmpnn"):
        named_sources(["bace-dmpn"])

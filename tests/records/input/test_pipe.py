import os
import stat
import subprocess
import threading
import time

import pytest

from molq.errors import InputError
from molq.records.input import pipe as module
from molq.records.input.pipe import opened_pipe
from molq.records.input.source import find_sources
from molq.records.input.stream import ByteStream


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    return str(tmp_path / "pipe")


def write(path, data, wait_s=0.0, silent_s=0.0):
    """Somebody who opens the pipe after a while, and says something after another."""

    def begin():
        time.sleep(wait_s)
        with open(path, "wb", buffering=0) as file:
            time.sleep(silent_s)
            file.write(data)

    threading.Thread(target=begin, daemon=True).start()


@pytest.mark.parametrize(("wait_s", "silent_s"), [(0.0, 0.0), (0.2, 0.0), (0.0, 0.3)])
def test_what_is_written_is_read_whoever_comes_first(pipe, wait_s, silent_s, monkeypatch):
    data = os.urandom(300_000)
    write(pipe, data, wait_s, silent_s)
    with opened_pipe(pipe) as file:
        assert file.read() == data


def test_a_writer_may_be_silent_for_longer_than_it_may_be_away(pipe, monkeypatch):
    monkeypatch.setattr(module, "WAIT_S", 0.1)
    write(pipe, b"late", silent_s=0.5)
    time.sleep(0.05)
    with opened_pipe(pipe) as file:
        assert file.read() == b"late"


def test_a_pipe_that_nobody_writes_to_is_an_error_and_no_wait_without_end(pipe, monkeypatch):
    monkeypatch.setattr(module, "WAIT_S", 0.1)
    with pytest.raises(InputError, match=r"pipe: a pipe that nobody has written to for 0\.1 s"):
        opened_pipe(pipe)
    with pytest.raises(InputError, match="No such file"):
        opened_pipe(pipe + "x")


def test_what_a_shell_substitutes_for_a_command_is_a_source(tmp_path):
    with subprocess.Popen(["printf", "CCO a\\nCCN b\\n"], stdout=subprocess.PIPE) as process:
        (source,) = find_sources(f"/dev/fd/{process.stdout.fileno()}").sources
        assert source.is_stream
        assert source.size_bytes is None
        stream = ByteStream(source)
        assert stream.read(100) == b"CCO a\nCCN b\n"
        stream.close()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/null"])
def test_a_device_is_no_source(device):
    assert stat.S_ISCHR(os.stat(device).st_mode)
    with pytest.raises(InputError, match=f"{device}: a device, not a file of molecules"):
        find_sources(device)

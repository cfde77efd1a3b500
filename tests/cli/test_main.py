"""How the command starts and ends: version, exit codes, one line for a failure, Ctrl-C, a closed pipe."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

import molq
from molq.cli.main import app, main

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
MOLQ = [sys.executable, "-m", "molq"]


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MOLQ, *map(str, words)], capture_output=True, text=True, env=ENVIRONMENT, check=False)


@pytest.fixture
def ends(monkeypatch, capsys):
    """How ``molq`` with these words ends: exit code, stdout, stderr."""

    def ended(*words: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["molq", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        return stopped.value.code, *capsys.readouterr()

    return ended


def test_python_m_molq_is_the_command():
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"molq {molq.__version__}\n", "")


def test_no_words_print_the_help():
    done = CliRunner().invoke(app, [])
    assert "Usage:" in done.output
    assert "screen" in done.output


def test_a_failure_is_one_line_and_exit_code_1(ends, tmp_path):
    path = tmp_path / "x.molq"
    path.write_text("hello")
    assert ends("info", str(path)) == (1, "", f"error: {path}: not a .molq file, or cut short\n")


def test_a_failure_speaks_of_flags(ends, tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    code, _, told = ends("train", str(tmp_path / "t.csv"), "-o", str(tmp_path / "m.molq"))
    assert code == 1
    assert "--task" in told
    assert "`" not in told


@pytest.mark.parametrize("words", [("nothing",), ("screen",), ("info", "--no-such"), ("study", "--epochs", "many")])
def test_wrong_usage_is_exit_code_2(ends, words):
    code, printed, told = ends(*words)
    assert (code, printed) == (2, "")
    assert "Usage:" in told


def test_a_file_that_the_system_refuses_is_one_line(ends, monkeypatch, tmp_path):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/secret/x.molq")

    monkeypatch.setattr("molq.cli.main.app", refuse)
    assert ends("info", "x") == (1, "", "error: /secret/x.molq: Permission denied\n")


def test_a_closed_pipe_ends_quietly():
    command = subprocess.Popen(
        [*MOLQ, "data", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    assert command.stdout is not None
    command.stdout.close()
    _, told = command.communicate(timeout=60)
    assert "Traceback" not in told


def test_ctrl_c_stops_with_130_and_says_nothing_long(tmp_path):
    library = tmp_path / "library.smi"
    library.write_text("".join(f"{'C' * (1 + i % 30)}N{'C' * (i % 17)}O\n" for i in range(200_000)))
    out = tmp_path / "out.csv"
    words = ["screen", "bace-dmpnn", str(library), "-o", str(out), "--workers", "1"]
    command = subprocess.Popen([*MOLQ, *words], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    deadline = time.monotonic() + 120
    while not any(tmp_path.glob("out.csv?*")) and command.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    _, told = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "Traceback" not in told
    assert not out.exists()


def test_on_a_terminal_long_work_is_drawn_and_wiped(tmp_path):
    """A real terminal: a bar while it works, and nothing of it on standard output."""
    leader, follower = pty.openpty()
    (tmp_path / "l.smi").write_text("".join(f"{'C' * (1 + i % 30)}O\n" for i in range(3_000)))
    words = ["screen", "bace-dmpnn", str(tmp_path / "l.smi"), "-o", str(tmp_path / "l.csv"), "--workers", "1"]
    command = subprocess.Popen(
        [*MOLQ, *words], stdout=subprocess.PIPE, stderr=follower, env=ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "100"}
    )
    os.close(follower)
    drawn = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # how a terminal ends
            break
        drawn += piece
    printed, _ = command.communicate(timeout=60)
    os.close(leader)
    assert command.returncode == 0, drawn
    assert b"mol/s" in drawn
    assert b"\x1b[2K" in drawn
    assert b"\x1b" not in printed


def test_what_a_file_says_stays_within_its_line(ends, tmp_path):
    path = tmp_path / "x\nverified: all is well\x1b[2K.molq"
    path.write_text("hello")
    code, out, told = ends("info", str(path))
    assert (code, out) == (1, "")
    assert told == f"error: {tmp_path}/x\\nverified: all is well\\x1b[2K.molq: not a .molq file, or cut short\n"


def test_an_error_that_nobody_foresaw_is_one_line_that_says_so(ends, monkeypatch):
    def failing(name):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("molq.data.registry.dataset_info", failing)
    code, out, told = ends("data", "info", "esol")
    assert (code, out) == (1, "")
    assert told.startswith("error: unexpected RuntimeError: two\\nlines. This is a fault of molq")
    assert told.count("\n") == 1
    monkeypatch.setenv("MOLQ_TRACEBACK", "1")
    monkeypatch.setattr(sys, "argv", ["molq", "data", "info", "esol"])
    with pytest.raises(RuntimeError, match="two"):
        main()

"""Standard streams that are closed, full or of few letters: one line at most, and a code that says how it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
ASCII = {"PYTHONIOENCODING": "ascii"}
MOLQ = f'"{sys.executable}" -m molq'


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", line.replace("molq", MOLQ, 1)],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, **environment},
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("molq --version > /dev/full", "No space left on device"),
        ("molq data list --json > /dev/full", "No space left on device"),
        ("molq data info esol >&-", "Bad file descriptor"),
    ],
)
def test_an_answer_that_nobody_takes_is_a_failure_of_one_line(line, why):
    done = shell(line)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: standard output cannot be written ({why}); send it to another place\n"


def test_a_pipe_that_closes_and_closed_errors_are_no_news():
    assert shell("molq data list | head -1").stderr == ""
    done = shell("molq data info nothing 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_a_closed_stream_gives_its_number_to_no_file(tmp_path):
    """What a library writes to standard output must not land in the file that molq writes."""
    script = (
        "import os; from molq.cli.streams import open_streams; open_streams(); "
        f"file = open({str(tmp_path / 'x')!r}, 'wb'); os._exit(file.fileno() > 2)"
    )
    line = f'{sys.executable} -c "{script}" <&- >&- 2>&-'
    assert subprocess.run(["/bin/bash", "-c", line], env=ENVIRONMENT, check=False).returncode == 1


def test_letters_that_a_terminal_lacks_are_spelled_in_those_it_has():
    done = shell("molq data info esol", **ASCII)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    listed = shell("molq data list", **ASCII).stdout
    assert "----" in listed
    assert "\\u2500" not in listed


def test_json_is_ascii():
    found = shell("molq data info esol --json").stdout
    assert found.isascii()
    assert json.loads(found)["name"] == "esol"

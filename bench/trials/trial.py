"""What a trial is, and a command of molq run for one."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from process_tree import memory_mb, tree

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "models" / "bace-dmpnn.molq"
_HANGS_S = 300.0
_MOST_MB = 6000.0
"""of memory, for which a command is ended like one that hangs"""
_STEP_S = 0.05
TRACEBACKS = ("Traceback", "This is a fault of molq")
"""what is printed when nobody foresaw an error"""

Fault = str
"""what did not hold, in words"""


class Trial(NamedTuple):
    """One fault of the world, tried once or many times."""

    name: str
    attempt: Callable[[Path, random.Random, int], Iterable[Fault | None]]
    """in an empty folder of its own, so many times; one answer each, None where molq held"""
    times: int
    quick: int = 1
    """times in the tests; 0 for what takes too long there"""


class Ended(NamedTuple):
    """A command that has ended, or was ended because it hung or took all memory (``code`` None)."""

    code: int | None
    out: str
    err: str
    seconds: float
    cpu_s: float = 0.0
    """of all its processes"""
    peak_mb: float = 0.0
    """of memory of all its processes, what they share counted once, looked at 20 times a second"""


def molq(
    *words: object,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = _HANGS_S,
    stdin: str = "",
) -> Ended:
    """Runs a command of molq to its end, and kills it after so many seconds."""
    command = [sys.executable, "-m", "molq", *map(str, words)]
    started, cpu_s = time.monotonic(), _cpu_s()
    code: int | None = None
    peak_mb = 0.0
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
    ) as process:
        given: str | None = stdin
        while True:
            try:
                out, err = process.communicate(given, timeout=_STEP_S)
                code = process.returncode
                break
            except subprocess.TimeoutExpired:
                given = None
            peak_mb = max(peak_mb, memory_mb(process.pid)[1])
            if time.monotonic() - started > seconds or peak_mb > _MOST_MB:
                for pid in tree(process.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                out, err = process.communicate()
                break
    return Ended(code, out, err, time.monotonic() - started, _cpu_s() - cpu_s, peak_mb)


def _cpu_s() -> float:
    """Of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def fault_of(ended: Ended, *, refused: bool | None = None, saying: str = "") -> Fault | None:
    """What is wrong with how a command ended: it hung, was killed, or showed a traceback or more than one error line.

    ``refused`` True asks for an error, False for success; ``saying`` must stand in what was printed.
    """
    if ended.code is None:
        return f"ended by us after {ended.seconds:.0f} s and with {ended.peak_mb:,.0f} MB"
    if ended.code < 0:
        return f"killed by signal {-ended.code}"
    if any(mark in ended.err + ended.out for mark in TRACEBACKS):
        return f"traceback: {ended.err.strip().splitlines()[-1]}"
    if refused is not None and bool(ended.code) is not refused:
        return f"ended with {ended.code}: {ended.err.strip()[-200:]}"
    if saying not in ended.out + ended.err:
        return f"does not say {saying!r}: {ended.err.strip()[-200:]}"
    return None

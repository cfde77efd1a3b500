"""Memory of a running command and all the processes it has started."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Finished(NamedTuple):
    """A command that has ended.

    Memory is the peak of the sum over its processes: resident, and proportional (shared pages are counted once).
    """

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    peak_rss_mb: float
    peak_pss_mb: float


def run(command: Sequence[str], interval_s: float = 0.25, environment: dict[str, str] | None = None) -> Finished:
    """Run a command to its end, watching its memory."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    peaks, ended = [0.0, 0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(interval_s):
            rss, pss = memory_mb(process.pid)
            peaks[:] = max(peaks[0], rss), max(peaks[1], pss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    stdout, stderr = process.communicate()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    return Finished(process.returncode, stdout, stderr, seconds, *peaks)


def tree(pid: int) -> list[int]:
    """A process and its descendants that live now."""
    found, todo = [], [pid]
    while todo:
        current = todo.pop()
        found.append(current)
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for children in Path(f"/proc/{current}/task").glob("*/children"):
                todo += map(int, children.read_text().split())
    return found


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of a process tree, MB."""
    rss = pss = 0
    for member in tree(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        values = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
        rss += values.get("Rss:", 0)
        pss += values.get("Pss:", 0)
    return rss / 1024, pss / 1024

"""`molq serve` in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

_ADDRESS = re.compile(r"serving at (\S+),")
ROOT = Path(__file__).parents[2]


class RunningServer:
    """Started when entered, asked to stop when left; ``url`` is its address."""

    def __init__(self, models: Sequence[str], folder: Path, *options: str) -> None:
        data = ["--data", str(folder / "data")]
        self._command = [sys.executable, "-m", "molq", "serve", *models, "--port", "0", *data, *options]
        self.url = ""

    def __enter__(self) -> RunningServer:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True, env=environment)
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line)
            if found := _ADDRESS.search(line):
                self.url = found[1]
                return self
        raise AssertionError("".join(said))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)

    def stop(self, number: int) -> str:
        """End it by a signal; what it said since it listened."""
        self.process.send_signal(number)
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        self.process.stderr.close()
        self.process.wait(30)
        return said

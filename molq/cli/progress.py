"""Long work as a bar on a terminal's standard error: the one drawing of ``molq.progress.Progress``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from molq.progress import SILENT, Progress
from molq.visible import one_line

if TYPE_CHECKING:
    from rich.console import Console

_INTERVAL_S = 0.1
_WARM_UP_S = 0.5
_SLOWEST_RATE = 10
_MANY = 10**9
_FAST = 10**7
_WIDE = 100
"""columns of a terminal where the bar is long"""
_DOWNLOAD = "download"


@contextmanager
def shown(title: str = "", unit: str = "") -> Iterator[Progress]:
    """What a command passes to long work: a bar that moves on a terminal, nothing elsewhere.

    ``title`` stands until the work names its first stage; ``unit`` is what its steps count, such as ``mol``. A stage
    that ends leaves a line with the time it took; the bar itself goes when the work is done.
    """
    if not sys.stderr.isatty():
        yield SILENT
        return
    from rich.console import Console

    drawing = Drawing(Console(stderr=True), title, unit)
    try:
        yield drawing
    finally:
        drawing.stop()


def tell(progress: Progress, line: str) -> None:
    """A line above the bar that stays; nothing where no bar is drawn."""
    if isinstance(progress, Drawing):
        progress.tell(line)


class Drawing:
    """A spinner, the stage, its bar, its count, its rate, what is remarked, and its time.

    A stage without steps still moves.
    """

    def __init__(self, console: Console, title: str = "", unit: str = "") -> None:
        from rich import progress

        self._bar = progress.Progress(
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(bar_width=20 if console.width >= _WIDE else 6),
            progress.TextColumn("{task.fields[count]}", markup=False),
            progress.TextColumn("{task.fields[rate]}", markup=False),
            progress.TextColumn("{task.fields[remark]}", markup=False),
            progress.TimeElapsedColumn(),
            progress.TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            transient=True,
        )
        self._unit, self._name, self._is_stage = unit, title, False
        self._task = self._bar.add_task(one_line(title), total=None, count="", rate="", remark="")
        self._started, self._drawn = time.monotonic(), 0.0
        self._first: tuple[float, int] | None = None
        self._bar.start()

    def stage(self, name: str) -> None:
        self._finish()
        self._name, self._is_stage = name, True
        self._bar.reset(self._task, description=one_line(name), total=None, count="", rate="", remark="")
        self._started, self._drawn, self._first = time.monotonic(), 0.0, None

    def step(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = (now, done)
        if now - self._drawn < _INTERVAL_S and done != total:
            return
        self._drawn = now
        self._bar.update(
            self._task, completed=done, total=total, count=self._count(done, total), rate=self._rate(now, done)
        )

    def remark(self, text: str) -> None:
        self._bar.update(self._task, remark=one_line(text))

    def tell(self, line: str) -> None:
        self._bar.console.print(one_line(line), style="dim", highlight=False, markup=False)

    def stop(self) -> None:
        self._bar.stop()

    def _finish(self) -> None:
        """Leaves a line of the stage that ends."""
        seconds = time.monotonic() - self._started
        if self._is_stage and seconds >= _WARM_UP_S:
            self.tell(f"{self._name}  {seconds:.1f} s")

    def _count(self, done: int, total: int | None) -> str:
        if self._counts_bytes():
            return f"{done / 1e6:,.1f} MB" if total is None else f"{done / 1e6:,.1f}/{total / 1e6:,.1f} MB"
        if total is not None and total >= _MANY:
            return f"{done / 1e9:,.2f}/{total / 1e9:,.2f} billion"
        return f"{done:,}" if total is None else f"{done:,}/{total:,}"

    def _rate(self, now: float, done: int) -> str:
        """Steps a second, without what came before the first of them; empty for slow steps."""
        assert self._first is not None
        started, first = self._first
        seconds = now - started
        if seconds < _WARM_UP_S or (done - first) / seconds < _SLOWEST_RATE:
            return ""
        rate = (done - first) / seconds
        if self._counts_bytes():
            return f"{rate / 1e6:,.1f} MB/s"
        count = f"{rate / 1e6:,.1f}M" if rate >= _FAST else f"{rate:,.0f}"
        return f"{count} {self._unit}/s".replace(" /s", "/s")

    def _counts_bytes(self) -> bool:
        return self._name.startswith(_DOWNLOAD)

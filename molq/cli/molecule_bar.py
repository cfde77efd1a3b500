"""A progress bar on stderr that counts molecules and shows mol/s."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_INTERVAL_S = 0.1


class MoleculeBar:
    """Shows ``update(done, total)``; the rate leaves out what came before the first molecule."""

    def __init__(self, title: str) -> None:
        self._title, self._shown = title, 0.0
        self._bar: _Bar | None = None
        self._started: float | None = None
        self._first = 0

    def __enter__(self) -> MoleculeBar:
        if sys.stderr.isatty():
            self._bar = _Bar(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if self._started is None:
            self._started, self._first = now, done
        if now - self._shown < _INTERVAL_S and done != total:
            return
        self._shown = now
        seconds = now - self._started
        rate = f"{(done - self._first) / seconds:,.0f} mol/s" if seconds > 0.5 else ""
        self._bar = self._bar or _Bar(self._title)
        self._bar.show(done, total, rate)


class _Bar:
    """Rich's progress bar, drawn when told to: no thread of its own."""

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            auto_refresh=False,
        )
        self._progress.start()
        self._task = self._progress.add_task(title, total=None, rate="")

    def show(self, done: int, total: int | None, rate: str) -> None:
        self._progress.update(self._task, completed=done, total=total, rate=rate)
        self._progress.refresh()

    def stop(self) -> None:
        self._progress.stop()

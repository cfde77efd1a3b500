"""A progress bar on stderr that counts molecules and shows mol/s."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

_INTERVAL_S = 0.1


class MoleculeBar:
    """Shows ``update(done, total)``; the rate leaves out what came before the first molecule."""

    def __init__(self, title: str) -> None:
        self._title, self._shown = title, 0.0
        self._started: float | None = None
        self._first = 0

    def __enter__(self) -> MoleculeBar:
        self._bar, self._task = _bar(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
        self._bar.update(self._task, completed=done, total=total, rate=rate)


def _bar(title: str) -> tuple[Any, Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
    )
    bar.start()
    return _Refreshing(bar), bar.add_task(title, total=None, rate="")


class _Refreshing:
    """Draws when told to: no thread of its own."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def update(self, task: Any, **state: Any) -> None:
        self._bar.update(task, **state)
        self._bar.refresh()

    def stop(self) -> None:
        self._bar.stop()

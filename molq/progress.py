"""How far long work has come, told to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable


class Progress(Protocol):
    """What a caller passes to see long work move; every function that takes one also takes ``SILENT``."""

    def stage(self, name: str) -> None:
        """A new stage begins, such as ``calibrate``; its steps are not known yet."""

    def step(self, done: int, total: int | None) -> None:
        """``done`` steps of the stage are done, of ``total`` where that is known."""


@runtime_checkable
class Remarks(Protocol):
    """A progress that shows more than steps."""

    def remark(self, text: str) -> None:
        """What is known of the stage so far, in place of what was said before, such as ``cut-off 0.93``."""


def remark(progress: Progress, text: Callable[[], str]) -> None:
    """Says ``text``, which is made only where it is shown."""
    if isinstance(progress, Remarks):
        progress.remark(text())


class Steps:
    """Counts the steps of a stage and tells how many are done."""

    def __init__(self, total: int | None, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def advance(self) -> None:
        """One more step is done."""
        self._done += 1
        self._progress.step(self._done, self._total)


class Silent:
    """Shows nothing."""

    def stage(self, name: str) -> None:
        return

    def step(self, done: int, total: int | None) -> None:
        return


SILENT = Silent()

"""Screens with a fake scorer in the place of the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from molq.progress import SILENT, Progress
from molq.records.shard import read_shard
from molq.results.screening import ScreenSummary
from molq.screening.run import Run, execute
from molq.screening.screen import Library, Models, screen_run
from molq.screening.settings import Manner, Settings


def screen(
    model: Models,
    library: Library,
    output: str | Path,
    *,
    loader: str = "load",
    progress: Progress = SILENT,
    **options: Any,
) -> ScreenSummary:
    """As the real one, with scorers that a function of fake_scorers loads."""
    return execute(fake_run(model, library, output, loader, **options), progress)


def fake_run(model: Models, library: Library, output: str | Path, loader: str = "load", **options: Any) -> Run:
    shard = options.pop("shard", None)
    chosen = {name: value for name, value in options.items() if name in Settings.__struct_fields__}
    manner = Manner(**{name: value for name, value in options.items() if name not in chosen})
    chosen |= {name: tuple(chosen[name]) for name in ("tasks", "columns") if chosen.get(name) is not None}
    run = screen_run(model, library, output, Settings(**chosen), manner, shard and read_shard(shard))
    return replace(run, job=msgspec.structs.replace(run.job, loader=f"fake_scorers:{loader}"))


class OnStep:
    """A Progress that acts at every step."""

    def __init__(self, act: Callable[[int], None]) -> None:
        self._act = act

    def stage(self, name: str) -> None:
        return

    def step(self, done: int, total: int | None) -> None:
        self._act(done)

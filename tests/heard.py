"""A Progress that remembers what it was told."""

from __future__ import annotations


class Heard:
    """Stages in order, and per stage the steps (done, total)."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.steps: dict[str, list[tuple[int, int | None]]] = {}

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def step(self, done: int, total: int | None) -> None:
        self.steps.setdefault(self.stages[-1] if self.stages else "", []).append((done, total))

"""A Progress that remembers what it was told."""

from __future__ import annotations


class Heard:
    """Stages in order, and per stage the steps (done, total) and remarks."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.steps: dict[str, list[tuple[int, int | None]]] = {}
        self.remarks: dict[str, list[str]] = {}

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def step(self, done: int, total: int | None) -> None:
        self.steps.setdefault(self.stages[-1] if self.stages else "", []).append((done, total))

    def remark(self, text: str) -> None:
        self.remarks.setdefault(self.stages[-1], []).append(text)

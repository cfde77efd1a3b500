"""What a worker is told once, before any chunk."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from molq.records.layout import Layout


@dataclass(frozen=True)
class Selection:
    """Which scored rows are kept, by the scores of the chosen tasks; everything when both are None."""

    top: int | None = None
    threshold: float | None = None
    lowest: bool = False
    """whether low scores are the good ones"""

    @property
    def active(self) -> bool:
        return self.top is not None or self.threshold is not None


@dataclass(frozen=True)
class Job:
    """A screening or library build, as its workers see it."""

    models: tuple[str, ...]
    """paths of the .molq files, none for a library build"""
    loader: str
    """``module:function``; it takes the path of a model and gives an object with ``tasks`` and ``scores(graphs)``"""
    output: str
    """csv, arrow, top or library"""
    layouts: tuple[Layout, ...]
    tasks: tuple[str, ...] | None = None
    """the chosen tasks, None for all"""
    has_id: bool = False
    has_smiles: bool = True
    columns: tuple[str, ...] = ()
    selection: Selection = Selection()
    max_atoms: int = 1000

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        raw: dict[str, Any] = json.loads(text)
        raw["layouts"] = tuple(
            Layout(**{**layout, "columns": tuple(layout["columns"]), "column_names": tuple(layout["column_names"])})
            for layout in raw["layouts"]
        )
        raw["tasks"] = None if raw["tasks"] is None else tuple(raw["tasks"])
        raw["columns"] = tuple(raw["columns"])
        raw["models"] = tuple(raw["models"])
        raw["selection"] = Selection(**raw["selection"])
        return cls(**raw)

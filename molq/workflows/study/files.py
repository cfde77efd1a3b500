"""A finished study, and the files of plain numbers it is written to."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.files import write_whole
from molq.workflows.compare.metric_intervals import Measured
from molq.workflows.compare.speed import Throughput

RESULTS_FORMAT = 1


@dataclass(frozen=True)
class Variant:
    """One scheme: a saved file, and everything measured of what was loaded back from it."""

    scheme: str
    path: str
    """relative to the folder of the study"""
    content_hash: str
    size_bytes: int
    """of the saved file"""
    size_ratio: float
    """to the fp32 file"""
    scores: NDArray[np.float32]
    """[n_test, T]"""
    measured: Measured
    agreement: dict[str, float | None]
    """with fp32 on the test molecules"""
    library_agreement: dict[str, float | None]
    """with fp32 on the library"""
    throughput: Throughput
    per_task: dict[str, dict[str, float | None]]
    layers: list[dict[str, Any]]

    def fields(self) -> dict[str, Any]:
        """Flat, in JSON types: one row of ``results.csv``."""
        library = {f"library_{name}": value for name, value in self.library_agreement.items()}
        return {
            "scheme": self.scheme,
            "path": self.path,
            "size_bytes": self.size_bytes,
            "size_ratio": self.size_ratio,
            **self.measured.fields(),
            **self.agreement,
            **library,
            **self.throughput._asdict(),
        }


@dataclass(frozen=True)
class Study:
    """Variants of one model, the reference first, and all that is needed to make them again."""

    dataset: dict[str, Any]
    model: dict[str, Any]
    split: dict[str, Any]
    calibration: dict[str, Any]
    library: dict[str, Any]
    statistics: dict[str, Any]
    speed: dict[str, Any]
    variants: list[Variant]
    environment: dict[str, Any]
    command: str

    def to_dict(self) -> dict[str, Any]:
        """The content of ``results.json``."""
        values = {"format": RESULTS_FORMAT} | {k: v for k, v in self.__dict__.items() if k != "variants"}
        values["variants"] = [
            {
                **variant.fields(),
                "content_hash": variant.content_hash,
                "per_task": variant.per_task,
                "layers": variant.layers,
            }
            for variant in self.variants
        ]
        return values


def write_results(folder: Path, study: Study, test: LabelledSet) -> None:
    """``results.json``, ``results.csv`` (a row per variant) and ``scores.csv`` (a row per test molecule)."""
    rows = [variant.fields() for variant in study.variants]
    write_whole(folder / "results.csv", _table(list(rows[0]), [list(row.values()) for row in rows]))
    write_whole(folder / "scores.csv", _scores(study, test))
    write_whole(folder / "results.json", json.dumps(study.to_dict(), indent=2, allow_nan=False) + "\n")


def _scores(study: Study, test: LabelledSet) -> str:
    header = ["row", "smiles", *test.tasks]
    header += [f"{variant.scheme}:{task}" for variant in study.variants for task in test.tasks]
    lines = []
    for i, smiles in enumerate(test.smiles):
        labels = ["" if np.isnan(value) else f"{value:g}" for value in test.labels[i]]
        scores = [str(value) for variant in study.variants for value in variant.scores[i]]
        lines.append([int(test.rows[i]), smiles, *labels, *scores])
    return _table(header, lines)


def _table(header: list[str], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()

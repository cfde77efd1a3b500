"""The files of plain numbers that a study is written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.columns import Columns
from molq.data.labels import LabelledSet
from molq.files import write_whole
from molq.records.csv_lines import csv_line
from molq.results.plain import plain
from molq.results.study import Study
from molq.serial import to_pretty_json
from molq.task_names import task_columns

RESULTS = ("results.json", "results.csv", "scores.csv")
CALIBRATION_SET = "calibset.csv"


def result_files(schemes: Sequence[str]) -> list[str]:
    """Names of the files that a study of these schemes writes into its folder."""
    return [*RESULTS, CALIBRATION_SET, *map(model_file, schemes)]


def model_file(scheme: str) -> str:
    """The name of a variant's file in the folder of a study."""
    return f"models/{scheme}.molq"


def write_results(
    folder: Path, study: Study, test: LabelledSet, columns: Columns, scores: Mapping[str, NDArray[np.float32]]
) -> None:
    """``results.json``, ``results.csv`` (a row per variant) and ``scores.csv`` (a row per test molecule).

    ``scores`` holds those of each scheme, [n_test, C].
    """
    rows = [variant.row() for variant in study.variants]
    write_whole(folder / "results.csv", _table(list(rows[0]), [list(row.values()) for row in rows]))
    write_whole(folder / "scores.csv", _scores(scores, columns, test))
    write_whole(folder / "results.json", to_pretty_json(plain(study)) + "\n")


def _scores(scores: Mapping[str, NDArray[np.float32]], columns: Columns, test: LabelledSet) -> str:
    of_schemes = [f"{scheme}:{column.name}" for scheme in scores for column in columns]
    header = ["row", "smiles", *task_columns(test.tasks, of_schemes), *of_schemes]
    lines = []
    for i, smiles in enumerate(test.smiles):
        labels = ["" if np.isnan(value) else f"{value:g}" for value in test.labels[i]]
        values = [str(value) for of_scheme in scores.values() for value in of_scheme[i]]
        lines.append([int(test.rows[i]), smiles, *labels, *values])
    return _table(header, lines)


def _table(header: list[str], rows: list[list[Any]]) -> str:
    return "".join(map(csv_line, [header, *rows]))

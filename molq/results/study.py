"""A finished study: variants of one model, the reference first, and all that is needed to make them again."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import field

from molq.errors import InputError
from molq.results.accuracy import Accuracy, Agreement, PerTask, accuracy_of_flat
from molq.results.calibration import CalibrationSection
from molq.results.changes import ScoreChange
from molq.results.comparison import Statistics
from molq.results.curves import FoundCurve, Predicted
from molq.results.layers import Layer
from molq.results.machine import Machine
from molq.results.plain import plain
from molq.results.shown import Result
from molq.results.speed import SpeedSection, Throughput
from molq.serial import from_builtins, from_json

RESULTS_FORMAT = 1
_LIBRARY = "library_"
_SHOWN = ("curves", "predicted", "changes", "library_changes")
"""fields of a variant that are written only where they hold anything"""


class DatasetSection(Result, frozen=True):
    """The labelled molecules, those not tested on too."""

    name: str
    kind: str
    """classification or regression"""
    tasks: tuple[str, ...]
    molecules: int
    rejected: int
    sha256: str
    """of the file"""


class ModelSection(Result, frozen=True, omit_defaults=True):
    """The float model, and where it comes from."""

    name: str
    architecture: str
    members: int
    config: dict[str, bool | int | float | str | list[str | int] | dict[str, bool | int | float | str | list[str]]]
    """of the network, as its file states it"""
    trained_here: bool
    epochs: int | None = None
    best_epochs: tuple[int, ...] | None = None
    """of each member"""
    file: str | None = None
    """None for a model trained here"""
    content_hash: str | None = None


class SplitSection(Result, frozen=True):
    """Who was trained on and who was tested on."""

    method: str
    seed: int | None
    fractions: tuple[float, float, float]
    n_train: int
    n_valid: int
    n_test: int
    held_out: bool
    """whether the test molecules are known not to have been trained on"""
    n_labelled: int
    """test molecules with a label at least"""
    actives: tuple[int, ...] | None
    """among the test molecules, per task; None for a regression"""
    test_rows: tuple[int, ...] = ()
    """of the data set's file"""


class LibrarySection(Result, frozen=True):
    """The library on which hit lists and speed are compared."""

    name: str
    rows: int
    molecules_used: int
    rejected: int


class Variant(Result, frozen=True):
    """One scheme: a saved file, and everything measured of what was loaded back from it."""

    scheme: str
    path: str
    """relative to the folder of the study"""
    size_bytes: int
    """of the saved file"""
    size_ratio: float
    """to the reference's file"""
    accuracy: Accuracy
    agreement: Agreement
    """with the reference on the test molecules"""
    library_agreement: Agreement
    """with the reference on the library"""
    throughput: Throughput
    content_hash: str
    per_task: PerTask
    layers: tuple[Layer, ...] = ()
    curves: tuple[FoundCurve, ...] = ()
    """of the test molecules, a prediction each; of a classifier"""
    predicted: tuple[Predicted, ...] = ()
    """the same of a regressor"""
    changes: tuple[ScoreChange, ...] = ()
    """test molecules that moved farthest from the reference's scores"""
    library_changes: tuple[ScoreChange, ...] = ()
    """the same of the library"""

    def row(self) -> dict[str, Any]:
        """The row of ``results.csv``."""
        return {
            "scheme": self.scheme,
            "path": self.path,
            "size_bytes": self.size_bytes,
            "size_ratio": self.size_ratio,
            **plain(self.accuracy),
            **plain(self.agreement),
            **{_LIBRARY + name: value for name, value in plain(self.library_agreement).items()},
            **plain(self.throughput),
        }


class Study(Result, frozen=True):
    """What ``results.json`` holds."""

    format: int
    """RESULTS_FORMAT"""
    dataset: DatasetSection
    model: ModelSection
    split: SplitSection
    calibration: CalibrationSection
    library: LibrarySection
    statistics: Statistics
    speed: SpeedSection
    machine: Machine = field(name="environment")
    command: str
    """that repeats it"""
    variants: tuple[Variant, ...]


@plain.register
def _variant(value: Variant) -> dict[str, Any]:
    return {
        **value.row(),
        "content_hash": value.content_hash,
        "per_task": plain(value.per_task),
        "layers": plain(value.layers),
        **{name: plain(found) for name in _SHOWN if (found := getattr(value, name))},
    }


def read_study(text: bytes | str, place: str) -> Study:
    """The study whose results.json is ``text``. Raises InputError, naming ``place``, when it is none."""
    values = from_json(text, dict[str, Any], place)
    try:
        n, level = values["split"]["n_labelled"], values["statistics"]["level"]
        variants = [_of_flat(dict(row), i, n, level) for i, row in enumerate(values["variants"])]
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise InputError(f"{place}: not the results of a study ({error!r})") from error
    return from_builtins(values | {"variants": variants}, Study, place)


def _of_flat(row: dict[str, Any], i: int, n: int, level: float) -> dict[str, Any]:
    """The fields of a variant from its keys in results.json."""
    metrics = list(next(iter(row["per_task"].values())))
    accuracy = accuracy_of_flat(row, metrics, is_reference=i == 0, n=n, level=level)
    agreement = {name: row.pop(name) for name in Agreement.__struct_fields__}
    library = {name: row.pop(_LIBRARY + name) for name in Agreement.__struct_fields__}
    throughput = {name: row.pop(name) for name in Throughput.__struct_fields__}
    return row | {
        "accuracy": msgspec.to_builtins(accuracy),
        "agreement": agreement,
        "library_agreement": library,
        "throughput": throughput,
    }

"""What a model card says of a training run, and the split read back from it."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.data.splits import Split
from molq.errors import InputError
from molq.results.plain import plain
from molq.training.config import TrainConfig
from molq.training.loop import Trained

_MAX_BITMAP_BYTES = 2**27
"""a data set of a billion rows"""


def training_record(trained: Trained, dataset: LabelledSet, split: Split, config: TrainConfig) -> dict[str, Any]:
    """The ``training`` section of a card: data set and checksum, split with its held-out rows, settings, curve.

    Rows are those of the data set's file, as ``rows_as_text`` writes them. Everything neither in ``valid_rows`` nor in
    ``test_rows`` was trained on.
    """
    return {
        "dataset": dataset.name,
        "dataset_sha256": dataset.sha256,
        "molecules": len(dataset),
        "rejected": len(dataset.rejected),
        "split": {
            **split.as_dict(),
            "valid_rows": rows_as_text(dataset.rows[split.valid]),
            "test_rows": rows_as_text(dataset.rows[split.test]),
        },
        "settings": {name: value for name, value in plain(config).items() if value is not None},
        "best_epochs": list(trained.best_epochs),
        "curve": trained.history,
    }


def recorded_split(training: Mapping[str, Any] | None, dataset: LabelledSet) -> Split | None:
    """Which molecules of ``dataset`` a model was trained, validated and tested on, by the ``training`` of its card.

    None when that is not known: the card does not say, or names another file. Raises InputError when the model was
    trained on other molecules of this file.
    """
    if training is None or training.get("dataset_sha256") != dataset.sha256:
        return None
    if training.get("molecules") != len(dataset):
        raise InputError(
            f"the model was trained on {training.get('molecules'):,} molecules of {training.get('dataset')}, and "
            f"{len(dataset):,} are given: which of them it was trained on is not known"
        )
    stated = training["split"]
    held_out = (rows_from_text(stated[key]) for key in ("valid_rows", "test_rows"))
    valid, test = (np.flatnonzero(np.isin(dataset.rows, rows)) for rows in held_out)
    train = np.setdiff1d(np.arange(len(dataset)), np.concatenate([valid, test]))
    low, middle, high = stated["fractions"]
    return Split(train, valid, test, stated["method"], stated["seed"], (low, middle, high))


def rows_as_text(rows: NDArray[np.int64]) -> str:
    """A set of row numbers in a few bits each: base64 of a compressed bitmap."""
    bitmap = np.zeros(int(rows.max(initial=-1)) + 1, bool)
    bitmap[rows] = True
    return base64.b64encode(zlib.compress(np.packbits(bitmap).tobytes(), 9)).decode("ascii")


def rows_from_text(stated: str | Sequence[int]) -> NDArray[np.int64]:
    """The rows, ascending; plain lists, as older cards hold them, too. Raises InputError for text that is neither."""
    if not isinstance(stated, str):
        return np.asarray(stated, np.int64)
    reader = zlib.decompressobj()
    try:
        packed = reader.decompress(base64.b64decode(stated, validate=True), _MAX_BITMAP_BYTES)
    except (ValueError, zlib.error) as error:
        raise InputError(f"the held-out rows on the model card cannot be read: {error}") from error
    if not reader.eof:
        raise InputError(
            "the held-out rows on the model card cannot be read: the text is cut short, or too much for rows"
        )
    return np.flatnonzero(np.unpackbits(np.frombuffer(packed, np.uint8)))

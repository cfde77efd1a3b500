"""The same training on several splits: how much of a metric is the split's doing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from molq.data.labels import LabelledSet
from molq.data.splits import Split, make_split
from molq.errors import InputError
from molq.limits import require_within
from molq.nn.config import PredictorConfig
from molq.progress import SILENT, Progress
from molq.results.training import Repeats, SplitSpread, TrainedSplit
from molq.store.card import Card
from molq.store.molqfile import decode, encode
from molq.training.batches import labelled_rows
from molq.training.config import TrainConfig
from molq.training.loop import Trained, train
from molq.training.targets import make_targets
from molq.workflows.tuning.tested import HeldOut, held_out

REPEATED_METRICS = {"classification": ("roc_auc", "pr_auc"), "regression": ("rmse", "mae", "r2")}


def other_splits(labelled: LabelledSet, split: Split, repeats: int) -> list[Split]:
    """``repeats`` − 1 splits made as ``split`` was, with the seeds that follow its own.

    Raises InputError when the way of splitting draws nothing, when a seed would be too large, when a side of a split
    is empty, or when the labels on it cannot be learnt from: before any training.
    """
    require_within(repeats=repeats)
    if repeats == 1:
        return []
    if split.seed is None:
        raise InputError(
            f"`repeats` is {repeats}, and a {split.method} split is always the same: use scaffold-balanced or random"
        )
    if not len(split.test):
        raise InputError(f"`repeats` is {repeats}, and without test molecules there is nothing to compare")
    splits = []
    for seed in range(split.seed + 1, split.seed + repeats):
        require_within(split_seed=seed)
        with_seed = make_split(labelled.smiles, split.method, seed, split.fractions, labelled.same)
        try:
            make_targets(labelled, labelled_rows(labelled, with_seed.train))
        except InputError as error:
            raise InputError(f"split seed {seed}: {error}") from error
        splits.append(with_seed)
    return splits


def repeated(
    first: TrainedSplit,
    config: PredictorConfig,
    labelled: LabelledSet,
    splits: Sequence[Split],
    settings: TrainConfig,
    progress: Progress = SILENT,
) -> Repeats:
    """The ``first`` split's outcome beside those of models trained likewise on the other ``splits``, one by one."""
    found = [first, *_trained(config, labelled, splits, settings, progress)]
    metrics = REPEATED_METRICS[labelled.kind]
    return Repeats(tuple(found), {name: spread for name in metrics if (spread := _spread(name, found)) is not None})


def outcome(trained: Trained, split: Split, kind: str, found: HeldOut) -> TrainedSplit:
    """What a split's model came to."""
    assert split.seed is not None
    metrics = {name: found.metrics[name] for name in REPEATED_METRICS[kind] if name in found.metrics}
    return TrainedSplit(split.seed, len(split.train), len(split.test), trained.best_epochs, metrics)


def card_repeats(repeats: Repeats) -> dict[str, Any]:
    """What a card says of them beside the model's own split, which is the first."""
    spread = {f"test_{name}": {"mean": found.mean, "std": found.std} for name, found in repeats.spread.items()}
    return {"split_seeds": [split.seed for split in repeats.splits], **spread}


def _trained(
    config: PredictorConfig,
    labelled: LabelledSet,
    splits: Sequence[Split],
    settings: TrainConfig,
    progress: Progress,
) -> Iterator[TrainedSplit]:
    for i, split in enumerate(splits, 2):
        progress.stage(f"train, split {i} of {len(splits) + 1}")
        trained = train(config, labelled, split, settings, progress)
        model = decode(encode(trained.network, Card(f"split {i}")), f"split {i}")
        yield outcome(trained, split, labelled.kind, held_out(model, labelled, split))


def _spread(name: str, splits: Sequence[TrainedSplit]) -> SplitSpread | None:
    """None where fewer than two splits define the metric."""
    values = [split.metrics[name].value for split in splits if name in split.metrics]
    if len(values) < 2:
        return None
    return SplitSpread(math.fsum(values) / len(values), float(np.std(values, ddof=1)), min(values), max(values))

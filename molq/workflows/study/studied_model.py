"""What a study is about: a float model, the labelled molecules, and those of them it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict

from molq.chem.recipe import PLAIN, Recipe
from molq.data.labels import LabelledSet
from molq.data.sources import labelled_set
from molq.data.splits import Split, make_split
from molq.errors import InputError, UnsupportedError
from molq.nn.config import default_config
from molq.nn.ensemble import Network
from molq.progress import SILENT, Progress
from molq.store.card import Card
from molq.store.molqfile import Loaded
from molq.training.loop import train
from molq.training.record import recorded_split, training_record
from molq.urls import name_in
from molq.workflows.applicability.remembered import to_remember
from molq.workflows.study.settings import StudySettings
from molq.workflows.tuning.tested import measured_metrics

DEFAULT_SPLIT = "scaffold-balanced"


class Origin(TypedDict, total=False):
    """Where a model comes from, as ``ModelSection`` says it."""

    trained_here: Required[bool]
    epochs: int
    best_epochs: tuple[int, ...]
    file: str
    content_hash: str


@dataclass(frozen=True)
class StudiedModel:
    """A float model with its data."""

    network: Network
    card: Card
    origin: Origin
    dataset: LabelledSet
    split: Split
    held_out: bool
    """whether the test molecules are known not to have been trained on"""


def studied_model(settings: StudySettings, progress: Progress = SILENT) -> StudiedModel:
    """The model of a file, with the split its card states, or one trained here.

    A model whose training molecules are not known, or were others, needs a split by name; ``held_out`` is False then.
    """
    if settings.model is None:
        return _trained(settings, progress)
    return _loaded(settings, settings.model, progress)


def _trained(settings: StudySettings, progress: Progress) -> StudiedModel:
    dataset = _dataset(settings, settings.tasks, None, PLAIN, progress)
    split = make_split(dataset.smiles, settings.split or DEFAULT_SPLIT, settings.seed, same=dataset.same)
    config = default_config(settings.architecture, dataset.tasks, dataset.kind)
    trained = train(config, dataset, split, settings.train, progress)
    record = training_record(trained, dataset, split, settings.train)
    card = Card(
        f"{dataset.name}-{settings.architecture}",
        f"Trained by molq study on {dataset.name}",
        training=record,
        metrics=measured_metrics(trained, dataset, split),
        training_set=to_remember(dataset, split),
    )
    origin = Origin(trained_here=True, epochs=settings.train.epochs, best_epochs=tuple(trained.best_epochs))
    return StudiedModel(trained.network, card, origin, dataset, split, True)


def _dataset(
    settings: StudySettings, tasks: Sequence[str] | None, kind: str | None, recipe: Recipe, progress: Progress
) -> LabelledSet:
    return labelled_set(
        settings.dataset,
        tasks,
        smiles_column=settings.smiles_column,
        kind=kind,
        format=settings.format,
        censored=settings.censored,
        duplicates=settings.duplicates,
        recipe=recipe,
        progress=progress,
    )


def _loaded(settings: StudySettings, source: Loaded, progress: Progress) -> StudiedModel:
    if source.network.scheme != "fp32":
        raise UnsupportedError(
            f"{source.path} is {source.network.scheme} already; name the fp32 model it was made from"
        )
    tasks = tuple(source.network.tasks)
    if settings.tasks and tuple(settings.tasks) != tasks:
        raise InputError(
            f"{source.path} predicts {', '.join(tasks)}, not {', '.join(settings.tasks)} of {settings.dataset}"
        )
    dataset = _dataset(settings, tasks, source.network.kind, source.network.recipe, progress)
    split = recorded_split(source.card.training, dataset)
    held_out = split is not None
    if held_out and settings.split is not None:
        raise InputError(f"{source.path} brings the split it was trained with; leave `split` out")
    if split is None:
        if settings.split is None:
            raise InputError(
                f"the card of {source.path} does not say which molecules of {dataset.name} it was trained on; name a "
                "`split`, and mind that its test molecules may have been trained on"
            )
        split = make_split(dataset.smiles, settings.split, settings.seed, same=dataset.same)
    if not len(split.test):
        raise InputError(f"{source.path} was trained on all of {dataset.name}: no molecule is left to test on")
    origin = Origin(trained_here=False, file=name_in(str(source.path)), content_hash=source.content_hash)
    return StudiedModel(source.network, source.card, origin, dataset, split, held_out)

"""The molecules a quantized model is to be right on: labelled, or a library without labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs
from molq.chem.recipe import Recipe
from molq.chem.table import column_names
from molq.data.draw import draw
from molq.data.labels import LabelledSet
from molq.data.locate import is_registered
from molq.data.registry import dataset_info
from molq.data.sources import labelled_set, library_smiles
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.results.fidelity import ProbeSection
from molq.store.molqfile import Loaded
from molq.training.record import recorded_split

SAMPLE = 5_000


@dataclass(frozen=True)
class Probe:
    """Molecules on which models are executed and compared."""

    name: str
    smiles: list[str]
    graphs: PackedGraphs
    labels: NDArray[np.float32] | None
    """[n, T], NaN where missing; None for a library"""
    side: str | None
    """of the split on the model's card; None when all molecules count"""
    pool: list[str]
    """molecules a calibration set may be chosen from: those trained on where they are known, else the probe's own"""

    @property
    def section(self) -> ProbeSection:
        """What a result says of them."""
        return ProbeSection(self.name, self.graphs.n_mols, self.labels is not None, self.side, len(self.pool))


def read_probe(
    source: str,
    model: Loaded,
    *,
    side: str | None = "test",
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Probe:
    """The molecules of a registered data set or a file, with labels when it holds all tasks of the model.

    Of a set the model was trained on, those on that ``side`` of its split count, or all when ``side`` is None. Of a
    library with more than SAMPLE rows, as many are drawn. ``smiles_column``, ``format`` and ``censored`` are those of
    ``read_labelled``. Raises InputError when no molecule can be read.
    """
    if has_labels(source, model, smiles_column, format):
        dataset = labelled_set(
            source,
            model.network.tasks,
            smiles_column=smiles_column,
            kind=model.network.kind,
            format=format,
            censored=censored,
            recipe=model.network.recipe,
            progress=progress,
        )
        return _labelled(dataset, model, side)
    return _library(source, model.network.recipe, smiles_column, format, seed, progress)


def has_labels(source: str, model: Loaded, smiles_column: str | None = None, format: str | None = None) -> bool:
    """Whether a file or a registered data set has a column for every task of the model."""
    tasks = set(model.network.tasks)
    if is_registered(source):
        return dataset_info(source).kind == model.network.kind and tasks <= set(dataset_info(source).tasks)
    return tasks <= set(column_names(source, smiles_column, format))


def _labelled(dataset: LabelledSet, model: Loaded, side: str | None) -> Probe:
    split = recorded_split(model.card.training, dataset)
    if split is None:
        return Probe(dataset.name, dataset.smiles, dataset.graphs, dataset.labels, None, dataset.smiles)
    pool = [dataset.smiles[i] for i in split.train]
    counted = dataset if side is None else dataset.subset(getattr(split, side))
    if not len(counted):
        raise InputError(f"{model.path} has no molecule of {dataset.name} on the {side} side of its split")
    return Probe(dataset.name, counted.smiles, counted.graphs, counted.labels, side, pool)


def _library(
    source: str, recipe: Recipe, smiles_column: str | None, format: str | None, seed: int, progress: Progress
) -> Probe:
    smiles = library_smiles(source, smiles_column=smiles_column, format=format, progress=progress)
    smiles = [smiles[i] for i in draw(len(smiles), SAMPLE, seed)]
    featurized = featurize(smiles, recipe=recipe)
    if not featurized.graphs.n_mols:
        raise InputError(f"{source} holds no molecule that can be read")
    kept = [smiles[i] for i in featurized.index]
    return Probe(source, kept, featurized.graphs, None, None, kept)

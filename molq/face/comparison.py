"""Models against labelled molecules, each compared with the first."""

from __future__ import annotations

from collections.abc import Sequence

from molq.data.sources import labelled_set
from molq.errors import InputError
from molq.face.inputs import Data, on_disk
from molq.face.loaded import loaded_of
from molq.face.model import AnyModel
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.results.comparison import Comparison
from molq.workflows.compare.accuracy import N_RESAMPLES
from molq.workflows.compare.comparison import compare as run


def evaluate(
    models: AnyModel | Sequence[AnyModel],
    data: Data,
    *,
    tasks: Sequence[str] | None = None,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    duplicates: str = "keep",
    split: str = "test",
    all_rows: bool = False,
    margin: float | None = None,
    resamples: int = N_RESAMPLES,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Comparison:
    """Metrics of models on labelled molecules they never saw, with intervals, and differences to the first model.

    ``molq.compare`` is the same call. ``models`` is one or several: models, paths, or names of bundled models. ``data``
    is the name of a data set, a path, or a DataFrame; its ``tasks``, by default those of the first model, are columns
    of labels, in the unit that the model predicts. An empty label is missing, and NaN is no error.

    Of a set that a model was trained on, the molecules on the ``split`` side (test, valid or train) that its card
    states count, or all with ``all_rows``. Intervals are of 95%, by ``resamples`` bootstrap resamples drawn with
    ``seed``. A model is not inferior to the first when its loss is smaller than ``margin``: by default 0.005 ROC-AUC,
    or 1% of the labels' spread in RMSE.

    ``smiles_column``, ``format``, ``censored`` and ``duplicates`` say how files are read, as in ``molq.train``. Raises
    InputError when a model does not predict a task, or no molecule is left to count.

    >>> import molq
    >>> found = molq.evaluate("bace-dmpnn", "bace", resamples=200)
    >>> found.dataset.molecules, found.models[0].scheme
    (152, 'fp32')
    >>> round(found.models[0].accuracy.metrics["roc_auc"].value, 2)
    0.8
    """
    require_within(margin=margin, resamples=resamples, seed=seed)
    given = [models] if not isinstance(models, Sequence) or isinstance(models, str) else models
    if not given:
        raise InputError("no model given")
    loaded = [loaded_of(model) for model in given]
    first = loaded[0].network
    with on_disk(data, tasks or first.tasks) as source:
        labelled = labelled_set(
            source,
            tasks or first.tasks,
            smiles_column=smiles_column,
            kind=first.kind,
            format=format,
            censored=censored,
            duplicates=duplicates,
            recipe=first.recipe,
            progress=progress,
        )
        return run(
            loaded,
            labelled,
            side=None if all_rows else split,
            margin=margin,
            n_resamples=resamples,
            seed=seed,
            progress=progress,
        )


compare = evaluate

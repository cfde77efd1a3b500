"""A labelled set in, a trained model out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from molq.face.inputs import Data, on_disk
from molq.face.model import Making, Model, model_of, trained_model
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.training.config import TrainConfig
from molq.training.fitting import EpochResult
from molq.workflows.tuning.train import FRACTIONS, QAT_EPOCHS, SPLIT, network_config, training_data
from molq.workflows.tuning.train import train as run


def train(
    data: Data,
    *,
    tasks: Sequence[str] | None = None,
    kind: str | None = None,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    duplicates: str = "keep",
    name: str | None = None,
    description: str = "",
    arch: str = "dmpnn",
    features: str = "V2",
    d_h: int | None = None,
    depth: int | None = None,
    dropout: float = 0.0,
    members: int = 1,
    split: str = SPLIT,
    split_seed: int = 0,
    fractions: tuple[float, float, float] = FRACTIONS,
    split_column: str | None = None,
    seed: int = 0,
    epochs: int = 50,
    batch_size: int = 64,
    max_lr: float = 1e-3,
    init_lr: float = 1e-4,
    final_lr: float = 1e-4,
    warmup_epochs: int = 2,
    patience: int | None = None,
    monitor: str = "metric",
    grad_clip: float | None = None,
    threads: int = 1,
    class_balance: bool = False,
    qat: str | None = None,
    qat_epochs: int = QAT_EPOCHS,
    remember: bool = True,
    repeats: int = 1,
    progress: Progress = SILENT,
    on_epoch: Callable[[EpochResult], None] | None = None,
    on_float: Callable[[Model], object] | None = None,
) -> Model:
    """A model trained on labelled molecules; its card says on what, how, and what it came to on molecules it never saw.

    Data: the name of a data set (all its tasks, or ``tasks``), or a path or a DataFrame, whose label columns ``tasks``
    names. An empty label (NaN) is missing. ``kind``, classification (labels 0 and 1) or regression, is told from the
    labels. ``split`` is scaffold-balanced, scaffold or random, with ``split_seed`` and ``fractions`` for training,
    validation and test; ``split_column`` names the column that says train, valid or test, and replaces it.

    Files: ``smiles_column`` is the column of the SMILES, by name or number, when its name is unusual; ``format`` the
    kind of file (csv, tsv, smi, sdf, parquet, feather, xlsx) when its content does not tell. Labels such as >10 are
    refused unless ``censored`` is drop, or bound (the number counts). ``duplicates``, molecules that stand twice, are
    left (keep), get the mean of their labels (mean), or go when these differ (drop-conflicts).

    Network: ``arch`` is dmpnn, ampnn, gine or attentivefp; ``features`` V2, V1, ORGANIC or RIGR; ``d_h`` the width and
    ``depth`` the layers of message passing, None for the usual ones; ``members`` makes an ensemble.

    Recipe: that of chemprop. The learning rate rises from ``init_lr`` to ``max_lr`` over ``warmup_epochs`` and falls to
    ``final_lr``; the epoch kept is the best on the validation molecules by ``monitor``, metric or loss; ``patience``
    epochs without a better one end the training; ``grad_clip`` bounds the gradient's norm; ``class_balance`` draws as
    many inactives as actives. The same ``seed`` gives the same weights on the same machine.

    With ``repeats`` the training is done on as many splits, of the seeds that follow ``split_seed``, one after the
    other: their spread says how much of the metric is the split's doing. The model is that of the first split, as it
    would be without.

    With ``qat``, a scheme such as w4a8, the model is quantized too and its integers learn for ``qat_epochs`` to imitate
    it: that is the model given back, the float model is its ``making.reference``, and ``on_float`` is shown the float
    model before the learning begins.

    With ``remember`` the file holds Morgan fingerprints and hashed atom environments of the molecules trained on, 13 to
    36 bytes a molecule and no SMILES, by which ``applicability`` tells how near others are to them; of a data set that
    comes with molq it holds none, for they are known.

    ``progress`` is told steps, ``on_epoch`` the result of every epoch of the model. ``making.training`` of the model is
    how it went: curve, test metrics, ROC curve, confusion, worst predictions, and the repeats. It is in no file.

    Raises InputError, naming file, row and value, for labels that cannot be read or learnt from.

    >>> import molq
    >>> model = molq.train("bace", d_h=16, epochs=1, name="tiny")
    >>> model
    Model(tiny, fp32, Class (classification), 38,100 bytes)
    >>> sorted(model.card.metrics)
    ['test_pr_auc', 'test_roc_auc', 'valid_roc_auc']
    """
    require_within(split_seed=split_seed, repeats=repeats, qat_epochs=qat_epochs, d_h=d_h, depth=depth, dropout=dropout)
    settings = TrainConfig(
        epochs=epochs,
        batch_size=batch_size,
        max_lr=max_lr,
        init_lr=init_lr,
        final_lr=final_lr,
        warmup_epochs=warmup_epochs,
        patience=patience,
        monitor=monitor,
        class_balance=class_balance,
        seed=seed,
        grad_clip=grad_clip,
        n_members=members,
        n_threads=threads,
    )
    with on_disk(data, tasks or ()) as source:
        made = training_data(
            source,
            tasks=tasks,
            kind=kind,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            duplicates=duplicates,
            split=split,
            split_seed=split_seed,
            fractions=fractions,
            split_column=split_column,
            progress=progress,
        )
    config = network_config(made.labelled, arch=arch, features=features, d_h=d_h, depth=depth, dropout=dropout)
    trained = run(
        made,
        config,
        settings,
        name=name or made.labelled.name,
        description=description,
        qat=qat,
        qat_epochs=qat_epochs,
        remember=remember,
        repeats=repeats,
        progress=progress,
        on_epoch=on_epoch,
        on_float=None if on_float is None else lambda loaded: on_float(model_of(loaded.network, loaded.card)),
    )
    model = trained_model(trained.model.network, trained.model.card, trained.training)
    if trained.quantized is None:
        return model
    making = Making(model, tuning=trained.tuning, training=trained.training)
    return model_of(trained.quantized.network, trained.quantized.card, making)

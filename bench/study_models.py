"""The models behind docs/calibration.md: D-MPNN and GINE on six data sets, three training seeds each.

    python bench/study_models.py                                # all of them, about an hour of one core
    python bench/study_models.py --architectures dmpnn --datasets bace --seeds 0

Seed s makes the scaffold-balanced split (80:10:10), the weights and the batches. Everything but the number of epochs is
the default of `molq train`; the D-MPNNs of the small sets keep that too, and the others have fewer because this is a
study of quantization and not of training. A model whose file exists is not trained again.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from molq.data.labels import LabelledSet, load_dataset
from molq.data.splits import make_split
from molq.nn.config import default_config
from molq.store.card import Card
from molq.store.molqfile import save
from molq.training.config import TrainConfig
from molq.training.loop import train
from molq.training.record import training_record
from molq.workflows.tuning.tested import measured_metrics

DATASETS = ("bbbp", "bace", "clintox", "sider", "tox21", "hiv")
ARCHITECTURES = ("dmpnn", "gine")
SEEDS = (0, 1, 2)
EPOCHS = {
    "dmpnn": dict.fromkeys(DATASETS, 50) | {"tox21": 25, "hiv": 4},
    "gine": dict.fromkeys(DATASETS, 10) | {"tox21": 5, "hiv": 2},
}
SPLIT = "scaffold-balanced"
MODELS = Path(__file__).resolve().parent / "out" / "models"


class StudyModel(NamedTuple):
    """One model of the study, trained or not yet."""

    dataset: str
    architecture: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.dataset}-{self.architecture}-{self.seed}"

    def path(self, folder: Path) -> Path:
        return folder / f"{self.name}.molq"


def study_models(
    datasets: list[str] | None = None, architectures: list[str] | None = None, seeds: list[int] | None = None
) -> list[StudyModel]:
    """Those of the study that are named, in the order of training: what tells most, first."""
    wanted = [d for d in DATASETS if d in (datasets or DATASETS)]
    chosen = list(SEEDS) if seeds is None else seeds
    order = []
    if "dmpnn" in (architectures or ARCHITECTURES):
        order += [StudyModel(d, "dmpnn", s) for d in wanted for s in chosen]
    if "gine" in (architectures or ARCHITECTURES):
        order += [StudyModel(d, "gine", s) for s in chosen for d in wanted]
    return order


@lru_cache(maxsize=2)
def dataset_of(name: str) -> LabelledSet:
    """The data set, read and featurized once."""
    return load_dataset(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", nargs="*", choices=DATASETS)
    parser.add_argument("--architectures", nargs="*", choices=ARCHITECTURES)
    parser.add_argument("--seeds", nargs="*", type=int)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the models")
    options = parser.parse_args()
    options.models.mkdir(parents=True, exist_ok=True)
    for model in study_models(options.datasets, options.architectures, options.seeds):
        if not model.path(options.models).exists():
            _train(model, options.models)


def _train(model: StudyModel, folder: Path) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    dataset = dataset_of(model.dataset)
    split = make_split(dataset.smiles, SPLIT, model.seed)
    settings = TrainConfig(epochs=EPOCHS[model.architecture][model.dataset], seed=model.seed)
    trained = train(default_config(model.architecture, dataset.tasks, dataset.kind), dataset, split, settings)
    metrics = measured_metrics(trained, dataset, split)
    card = Card(
        model.name,
        f"{model.architecture} of the calibration study, trained on {model.dataset}",
        training=training_record(trained, dataset, split, settings),
        metrics=metrics,
    )
    save(model.path(folder), trained.network, card)
    test = metrics["test_roc_auc"]
    print(
        f"{model.name}: best epoch {trained.best_epoch} of {settings.epochs}, test ROC-AUC {test['value']:.4f} "
        f"[{test['low']:.4f}, {test['high']:.4f}], n {test['n']:,}; "
        f"{time.process_time() - cpu:.0f} s of CPU, {time.perf_counter() - start:.0f} s in all",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    main()

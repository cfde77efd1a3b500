"""Trains the models that ship with molq, and writes models/README.md from their cards.

    python bench/make_models.py                # all, into models/
    python bench/make_models.py --only bace    # one of them
    python bench/make_models.py --cards        # the README alone, from the files that are there

Each is a D-MPNN of chemprop's default size (d_h 300, depth 3, V2 features) trained as chemprop trains by default.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from molq.cli.progress import shown
from molq.data.labels import load_dataset
from molq.data.registry import dataset_info
from molq.data.splits import make_split
from molq.nn.config import default_config
from molq.store.card import Card
from molq.store.molqfile import ModelHeader, read_header, save
from molq.training.config import TrainConfig
from molq.training.loop import train
from molq.training.record import training_record
from molq.workflows.tuning.tested import measured_metrics

DESCRIPTIONS = {
    "bace": "Inhibition of human beta-secretase 1, active or not as BACE labels it: D-MPNN trained on BACE.",
    "clintox": "FDA approval, and failure of clinical trials for toxicity: D-MPNN trained on ClinTox.",
    "esol": "Aqueous solubility (log mol/L): D-MPNN trained on ESOL.",
}
SPLIT, SPLIT_SEED = "scaffold-balanced", 0
SETTINGS = TrainConfig(epochs=50, seed=0)
MODELS = Path(__file__).resolve().parents[1] / "models"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=DESCRIPTIONS, help="train this model alone")
    parser.add_argument("--cards", action="store_true", help="train nothing")
    parser.add_argument("--out", type=Path, default=MODELS)
    options = parser.parse_args()
    if not options.cards:
        for name in [options.only] if options.only else DESCRIPTIONS:
            _make(name, options.out)
    headers = [read_header(path) for path in sorted(options.out.glob("*.molq"))]
    (options.out / "README.md").write_text(_readme(headers))
    Console(width=120).print(_table(headers))


def _make(name: str, out: Path) -> None:
    dataset = load_dataset(name)
    split = make_split(dataset.smiles, SPLIT, SPLIT_SEED)
    config = default_config("dmpnn", dataset.tasks, dataset.kind)
    with shown(name) as progress:
        trained = train(config, dataset, split, SETTINGS, progress)
    card = Card(
        f"{name}-dmpnn",
        DESCRIPTIONS[name],
        training=training_record(trained, dataset, split, SETTINGS),
        metrics=measured_metrics(trained, dataset, split),
    )
    save(out / f"{card.name}.molq", trained.network, card, force=True)


def _table(headers: list[ModelHeader]) -> Table:
    table = Table("model", "molecules", "tasks", "best epoch", "metric on test rows", "bytes")
    for header in headers:
        card, tasks = header.description.card, header.description.configs[0].tasks
        training, metrics = _sections(card)
        table.add_row(
            card.name,
            f"{training['molecules']:,}",
            ", ".join(tasks),
            ", ".join(map(str, training["best_epochs"])),
            "\n".join(_measured(metrics)),
            f"{header.size_bytes:,}",
        )
    return table


def _readme(headers: list[ModelHeader]) -> str:
    split = f"the {SPLIT} split of seed {SPLIT_SEED} (80:10:10)"
    parts = [
        "# Pretrained models",
        "Made by `make models`; `molq info` prints the whole card of each. All are D-MPNNs of chemprop's default size "
        f"(d_h 300, depth 3, V2 features), trained for {SETTINGS.epochs} epochs with seed {SETTINGS.seed} on "
        f"{split}; the epoch kept is the best on the validation rows. The card holds the rows of the held-out "
        "molecules, so a study tests on rows the model has never seen. Metrics are of the test rows, with 95% "
        "bootstrap intervals; one small split says little about another.",
        *(_card_in_brief(header) for header in headers),
    ]
    return "\n\n".join(parts) + "\n"


def _card_in_brief(header: ModelHeader) -> str:
    card, tasks = header.description.card, header.description.configs[0].tasks
    training, metrics = _sections(card)
    split, info = training["split"], dataset_info(training["dataset"])
    sizes = f"{split['n_train']:,} train, {split['n_valid']:,} validation, {split['n_test']:,} test"
    lines = [
        f"## {card.name}",
        "",
        card.description,
        "",
        f"- Data: {info.name}, {training['molecules']:,} molecules, {training['rejected']} rejected; {info.citation}; "
        f"{info.licence}; sha256 `{training['dataset_sha256']}`",
        f"- Tasks: {', '.join(tasks)} ({header.description.configs[0].kind})",
        f"- Split: {split['method']}, seed {split['seed']}: {sizes}",
        f"- Best epoch: {', '.join(map(str, training['best_epochs']))} of {training['settings']['epochs']}",
        *(f"- {line}" for line in _measured(metrics)),
        f"- File: {header.size_bytes:,} bytes, content hash `{header.content_hash}`",
    ]
    return "\n".join(lines)


def _sections(card: Card) -> tuple[dict[str, Any], dict[str, Any]]:
    if card.training is None or card.metrics is None:
        raise SystemExit(f"{card.name} was not made by this command: its card tells of no training")
    return card.training, card.metrics


def _measured(metrics: dict[str, Any]) -> list[str]:
    return [
        f"{name.replace('_', ' ')} {m['value']:.3f} [{m['low']:.3f}, {m['high']:.3f}], n = {m['n']:,}"
        for name, m in metrics.items()
        if isinstance(m, dict)
    ]


if __name__ == "__main__":
    main()

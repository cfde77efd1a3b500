"""A labelled table and models of it, small enough to be made in seconds."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from molq.data.labels import load_dataset, read_labelled
from molq.data.splits import make_split
from molq.nn.config import default_config
from molq.store.card import Card
from molq.store.molqfile import Loaded, save
from molq.training.config import TrainConfig
from molq.training.loop import train
from molq.training.record import training_record

N_MOLECULES = 160
TASKS = {"classification": "active", "regression": "potency"}


@cache
def _rows() -> list[tuple[str, int, float]]:
    bace = load_dataset("bace")
    chosen = np.random.default_rng(0).permutation(len(bace))[:N_MOLECULES]
    return [(bace.smiles[i], int(bace.labels[i, 0]), len(bace.smiles[i]) / 10) for i in chosen]


def write_table(folder: Path) -> Path:
    """smiles, active (0 or 1), potency (a number) of 160 molecules of BACE."""
    path = folder / "table.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["smiles", "active", "potency"])
        writer.writerows(_rows())
    return path


def write_library(folder: Path, n: int = 60) -> Path:
    """A .smi file of molecules that are not in the table."""
    inside = {row[0] for row in _rows()}
    path = folder / "library.smi"
    path.write_text("\n".join([s for s in load_dataset("esol").smiles if s not in inside][:n]) + "\n")
    return path


def small_model(folder: Path, kind: str = "classification", architecture: str = "dmpnn", name: str = "m") -> Loaded:
    """A model of the table in ``folder``, trained for two epochs on 60% of it and saved with its card."""
    dataset = read_labelled(folder / "table.csv", tasks=[TASKS[kind]], kind=kind)
    split = make_split(dataset.smiles, "random", 0, (0.6, 0.2, 0.2))
    settings = TrainConfig(epochs=2, batch_size=32)
    config = default_config(architecture, dataset.tasks, dataset.kind, d_h=32, **_head(architecture))
    trained = train(config, dataset, split, settings)
    card = Card(name, training=training_record(trained, dataset, split, settings))
    return save(folder / f"{name}.molq", trained.network, card)


def _head(architecture: str) -> dict[str, tuple[int, ...]]:
    return {} if architecture == "attentivefp" else {"head_hidden": (24,)}

"""molq against chemprop 1.6.1 itself: varieties trained in an environment of its own, and both programs' predictions.

    python bench/chemprop_v1.py                  # makes the environment, trains, predicts, prints the table
    python bench/chemprop_v1.py --only mve       # one variety

The suite needs no chemprop 1: this is where its word is heard. --out keeps the environment, the models and the tables;
what is there is not made again. The table is the largest difference of any score, in units of the spread of its column.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import molq
from molq.interop.peer import verification_smiles

PINS = ("chemprop==1.6.1", "descriptastorus", "six", "numpy<2", "scikit-learn<1.5", "scipy<1.13", "setuptools<80")
SAME = ("torch", "rdkit")
"""of the release that molq has here: descriptors differ between releases of RDKit"""
N_TRAINED = 120
TABLE = ["--data_path", "molecules.csv", "--smiles_columns", "smiles"]
USUAL = [*["--epochs", "2", "--hidden_size", "48", "--num_workers", "0", "--no_cuda", "--quiet"], *TABLE]
REGRESSION = ["--dataset_type", "regression", "--metric", "mae", "--target_columns", "length", "nitrogens"]
CLASSES = ["--target_columns", "oxygens", "coin"]
BINARY = ["--dataset_type", "classification", *CLASSES]
VARIETIES = {
    "defaults": REGRESSION,
    "classification": BINARY,
    "bias": [*BINARY, "--bias"],
    "undirected, bias": [*BINARY, "--undirected", "--bias"],
    "atom messages, bias, depth 4": [*REGRESSION, "--atom_messages", "--bias", "--depth", "4"],
    "PReLU, three layers in the head": [*REGRESSION, "--activation", "PReLU", "--ffn_num_layers", "3"],
    "LeakyReLU, sum": [*REGRESSION, "--activation", "LeakyReLU", "--aggregation", "sum"],
    "SELU, norm 60": [*BINARY, *["--activation", "SELU", "--aggregation", "norm", "--aggregation_norm", "60"]],
    "ELU, linear head, dropout": [*REGRESSION, *["--activation", "ELU", "--ffn_num_layers", "1", "--dropout", "0.2"]],
    "tanh, bias, explicit hydrogens": [*REGRESSION, "--activation", "tanh", "--bias", "--adding_h"],
    "two folds of two models": [*REGRESSION, "--num_folds", "2", "--ensemble_size", "2"],
    "mcc loss": [*BINARY, "--loss_function", "mcc"],
    "mve": [*REGRESSION, "--loss_function", "mve"],
    "evidential": [*REGRESSION, "--loss_function", "evidential"],
    "dirichlet": [*BINARY, "--loss_function", "dirichlet"],
    "multiclass": ["--dataset_type", "multiclass", "--multiclass_num_classes", "2", *CLASSES],
    "morgan": [*REGRESSION, "--features_generator", "morgan"],
    "morgan_count": [*REGRESSION, "--features_generator", "morgan_count"],
    "rdkit_2d": [*REGRESSION, "--features_generator", "rdkit_2d"],
    "rdkit_2d_normalized": [*REGRESSION, "--features_generator", "rdkit_2d_normalized", "--no_features_scaling"],
}
REPEATED = ("--features_generator", "--no_features_scaling")
"""options of training that chemprop 1 wants to hear again for a prediction"""


def main() -> None:
    options = _options()
    folder = options.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chemprop = Chemprop1(folder)
    _write_molecules(folder)
    print("| variety of chemprop 1.6.1 | members | largest difference / spread |\n|---|---:|---:|")
    for name, arguments in VARIETIES.items():
        if options.only in (None, name):
            expected = chemprop.predictions(name.replace(" ", "-").replace(",", ""), arguments)
            model_folder = folder / name.replace(" ", "-").replace(",", "")
            print(f"| {name} | {_members(model_folder)} | {_difference(model_folder, expected)} |", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=VARIETIES, help="a single variety")
    parser.add_argument("--out", type=Path, default=Path("bench/out/chemprop_v1"))
    return parser.parse_args()


class Chemprop1:
    """chemprop 1.6.1 in a virtual environment below ``folder``, which is made if need be."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.scripts = folder, folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
        if not (self.scripts / "chemprop_train").exists():
            same = [f"{name}=={version(name)}" for name in SAME]
            venv.create(folder / "environment", with_pip=True, clear=True)
            subprocess.run([self.scripts / "python", "-m", "pip", "install", "-q", *PINS, *same], check=True)

    def predictions(self, name: str, arguments: Sequence[str]) -> NDArray[np.float64]:
        """Scores [n, C] of the verification molecules by a model trained with ``arguments``."""
        table = self.folder / name / "predictions.csv"
        if not table.exists():
            self._run("chemprop_train", [*USUAL, *arguments, "--save_dir", name])
            known = ["--checkpoint_dir", name, "--test_path", "screen.csv", "--preds_path", str(table)]
            again = [part for i, part in enumerate(arguments) if {part, arguments[i - 1]} & set(REPEATED[:1])]
            again += [part for part in arguments if part in REPEATED[1:]]
            self._run("chemprop_predict", [*known, "--num_workers", "0", "--no_cuda", *again])
        with table.open(newline="", encoding="utf-8") as file:
            return np.array([row[1:] for row in csv.reader(file)][1:], np.float64)

    def _run(self, script: str, arguments: Sequence[str]) -> None:
        started = time.perf_counter()
        environment = {**os.environ, "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(
            [self.scripts / script, *arguments], cwd=self.folder, env=environment, capture_output=True, check=False
        )
        if done.returncode:
            sys.exit(f"{script} {' '.join(arguments)}\n{done.stderr.decode(errors='replace')[-2000:]}")
        print(f"{script} took {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _write_molecules(folder: Path) -> None:
    draw = random.Random(0)
    smiles = verification_smiles()
    rows = [
        [text, len(text) + draw.random(), text.count("N") + draw.random(), int("O" in text), draw.randint(0, 1)]
        for text in (smiles * 2)[:N_TRAINED]
    ]
    for name, header, table in (
        ("molecules.csv", ["smiles", "length", "nitrogens", "oxygens", "coin"], rows),
        ("screen.csv", ["smiles"], [[s] for s in smiles]),
    ):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *table])


def _members(folder: Path) -> int:
    return len(list(folder.rglob("*.pt")))


def _difference(folder: Path, expected: NDArray[np.float64]) -> str:
    model = molq.import_checkpoint(folder)
    found = np.asarray(model.predict(verification_smiles())).reshape(len(expected), -1)
    if found.shape[1] > expected.shape[1]:  # chemprop 1 tells the uncertainties apart by a call of their own
        found = found[:, :: found.shape[1] // expected.shape[1]]
    return f"{(np.abs(found - expected).max(axis=0) / np.ptp(expected, axis=0)).max():.1e}"


if __name__ == "__main__":
    main()

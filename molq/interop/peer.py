"""What chemprop itself predicts with the files of an import, computed in a process of its own."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.chem.recipe import PLAIN
from molq.errors import CheckpointError
from molq.nn.config import PredictorConfig

INSTALL = "`pip install 'chemprop>=2.1'`"
_RUN = "from chemprop.cli.main import main; main()"
_SECONDS = 1800
_LONG = 200


def verification_smiles() -> list[str]:
    """100 molecules that differ as much as those of public sets do: drugs, salts, fragments, stereo, odd elements."""
    return files("molq.interop").joinpath("verification.smi").read_text(encoding="utf-8").split()


def peer_version() -> str | None:
    """The version of chemprop that is installed beside molq; None where none is."""
    try:
        return version("chemprop")
    except PackageNotFoundError:
        return None


def peer_scores(paths: Sequence[Path], config: PredictorConfig, smiles: Sequence[str]) -> NDArray[np.float64]:
    """Predictions [M, n, C] of ``chemprop predict`` with each of M files of chemprop 2, columns in the files' order.

    ``config`` says which options chemprop is to be given. chemprop runs what a file asks for, so these are files that
    were read before. Raises CheckpointError when chemprop fails.
    """
    with tempfile.TemporaryDirectory(prefix="molq-verify-") as folder:
        table, output = Path(folder, "molecules.csv"), Path(folder, "scores.csv")
        table.write_text("\n".join(["smiles", *smiles, ""]), encoding="utf-8")
        given = [str(path.absolute()) for path in paths]
        options = ["predict", "-i", str(table), "-o", str(output), "--model-paths", *given, *_options(config)]
        _run([sys.executable, "-P", "-c", _RUN, *options], folder)
        written = output if len(paths) == 1 else output.with_name("scores_individual.csv")
        return _table(written, len(paths), len(config.tasks), len(smiles))


def _options(config: PredictorConfig) -> list[str]:
    """What ``chemprop predict`` cannot take from the file."""
    options = ["--accelerator", "cpu", "--num-workers", "0", "-qq"]
    options += ["--multi-hot-atom-featurizer-mode", config.feature_set]
    recipe = PLAIN if config.recipe is msgspec.UNSET else config.recipe
    flags = {
        "--keep-h": recipe.keeps_hydrogens,
        "--add-h": recipe.adds_hydrogens,
        "--ignore-stereo": recipe.ignore_stereo,
    }
    options += [flag for flag, is_set in flags.items() if is_set]
    return options + (["--molecule-featurizers", *recipe.molecule_features] if recipe.molecule_features else [])


def _run(command: list[str], folder: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(command, capture_output=True, cwd=folder, env=environment, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CheckpointError(f"chemprop could not be run ({str(error)[:_LONG]})") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")
        raise CheckpointError(f"chemprop itself fails on it: {last[:_LONG]}")


def _table(path: Path, n_files: int, n_tasks: int, n_rows: int) -> NDArray[np.float64]:
    """The last columns of each file, one per task; a cell may hold a number per class."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row[1:] for row in csv.reader(file)][1:]
        width = len(rows[0]) // n_files
        cells = [[row[i * width : (i + 1) * width][-n_tasks:] for row in rows] for i in range(n_files)]
        scores = np.array([[[c.split(",") for c in row] for row in member] for member in cells], np.float64)
        return scores.reshape(n_files, n_rows, -1)
    except (OSError, ValueError, IndexError) as error:
        raise CheckpointError(f"what chemprop wrote is not understood ({str(error)[:_LONG]})") from error

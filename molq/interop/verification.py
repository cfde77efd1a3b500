"""Whether an imported model gives the scores of its own program, and what is said of it on the card."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.columns import ranked
from molq.errors import CheckpointError
from molq.interop.peer import INSTALL, peer_scores, peer_version, verification_smiles
from molq.interop.sources import Imported

TOLERANCE = 1e-4
"""of the spread of a task's scores: far above what float32 rounds, far below what ranks molecules otherwise"""
_READ = "every weight of the files has its place in the model"
_OLD = (
    "not compared with chemprop: chemprop 2 does not read model.pt, and what it converts loses biases, hydrogens and"
    " slopes of PReLU"
)


def unverified(imported: Imported) -> str:
    """What an import has checked that was not compared with chemprop."""
    if _is_chemprop_1(imported):
        return f"{_READ}; {_OLD}"
    return f"{_READ}; not compared with chemprop's own scores (molq import --verify does)"


def verified(imported: Imported, scores: NDArray[np.floating]) -> str:
    """How far the predictions among the model's ``scores`` [n, C] of ``verification_smiles`` are from chemprop's.

    Says why where they cannot be compared. Raises CheckpointError, naming task and molecule, when they differ by more
    than rounding.
    """
    if _is_chemprop_1(imported):
        return f"{_READ}; {_OLD}"
    if (version := peer_version()) is None:
        return f"{_READ}; not compared with chemprop, which is not installed: {INSTALL}, and import again with --verify"
    smiles, tasks = verification_smiles(), imported.network.tasks
    paths = [checkpoint.path for checkpoint, _ in imported.files]
    try:
        peers = peer_scores(paths, imported.network.members[0].config, smiles)
    except CheckpointError as error:
        return f"{_READ}; not compared with chemprop {version}: {error}"
    expected = np.mean([_in_order(peer, places) for peer, (_, places) in zip(peers, imported.files, strict=True)], 0)
    found = scores.reshape(len(smiles), -1)[:, ranked(imported.network.columns)]
    is_number = np.isfinite(found) | np.isfinite(expected)  # where neither gives one, they agree
    found, expected = np.where(is_number, found, 0), np.where(is_number, expected, 0)
    difference = np.abs(found - expected)
    spread = np.maximum(np.ptp(expected, axis=0), np.finfo(np.float32).eps * np.abs(expected).max(0) + 1e-30)
    row, column = np.unravel_index(np.argmax(difference / spread), difference.shape)
    largest, share = difference[row, column], difference[row, column] / spread[column]
    task = tasks[column * len(tasks) // difference.shape[1]]
    if not share <= TOLERANCE and not largest <= np.finfo(np.float32).eps * 8 * np.abs(expected).max():
        raise CheckpointError(
            f"{paths[0]}: molq's scores are not those of chemprop {version}: for {task} of {smiles[row]} it gives"
            f" {found[row, column]:.6g}, and chemprop {expected[row, column]:.6g}; the model was not imported"
        )
    return (
        f"{_READ}; chemprop {version} gives the same scores of {len(smiles)} molecules: largest difference"
        f" {largest:.2g}, {share:.2g} of the spread ({task})"
    )


def _is_chemprop_1(imported: Imported) -> bool:
    return any(checkpoint.program == "chemprop 1" for checkpoint, _ in imported.files)


def _in_order(scores: NDArray[np.float64], places: list[int]) -> NDArray[np.float64]:
    """Scores [n, C] of a file with its tasks, as many columns beside each other for each, in the model's order."""
    return scores.reshape(len(scores), len(places), -1)[:, places].reshape(scores.shape)

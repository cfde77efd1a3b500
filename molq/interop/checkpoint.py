"""One checkpoint file, of whichever program, as a predictor."""

from __future__ import annotations

from pathlib import Path

from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive
from molq.interop.chemprop import chemprop_predictor
from molq.interop.chemprop_v1 import chemprop_v1_predictor, is_chemprop_v1
from molq.nn.predictor import Predictor


def read_predictor(path: Path) -> Predictor:
    """The checkpoint's network in inference mode, its scores those of the program that wrote it.

    Tasks are called as the file calls them, else task_0, task_1, ... Raises CheckpointError, which names the file, when
    the file is refused or holds a kind of model that molq does not offer.
    """
    with TorchArchive(path) as archive:
        try:
            return chemprop_v1_predictor(archive) if is_chemprop_v1(archive.root) else chemprop_predictor(archive)
        except CheckpointError as error:
            text = str(error)
            raise CheckpointError(text if text.startswith(str(path)) else f"{path}: {text}") from error

"""One checkpoint file, of whichever program, as a predictor."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive
from molq.interop.chemprop import chemprop_predictor
from molq.interop.chemprop_config import unnamed_tasks
from molq.interop.chemprop_v1 import chemprop_v1_predictor, is_chemprop_v1
from molq.nn.predictor import Predictor

Program = Literal["chemprop 1", "chemprop 2"]


class Checkpoint(NamedTuple):
    """The network of a file in inference mode, its scores those of the program that wrote the file.

    Tasks are called as the file calls them, else task_0, task_1, ...
    """

    path: Path
    program: Program
    predictor: Predictor

    @property
    def names(self) -> tuple[str, ...] | None:
        """What the file calls its tasks; None where it does not."""
        tasks = self.predictor.tasks
        return None if tasks == unnamed_tasks(len(tasks)) else tasks


def read_checkpoint(path: Path) -> Checkpoint:
    """What the file holds.

    Raises CheckpointError, which names the file, when it is refused or holds a kind of model that molq does not offer.
    """
    with TorchArchive(path) as archive:
        try:
            if is_chemprop_v1(archive.root):
                return Checkpoint(path, "chemprop 1", chemprop_v1_predictor(archive))
            return Checkpoint(path, "chemprop 2", chemprop_predictor(archive))
        except CheckpointError as error:
            text = str(error)
            raise CheckpointError(text if text.startswith(str(path)) else f"{path}: {text}") from error

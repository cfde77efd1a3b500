"""A process that scans for its parent: ``python -m molq.spaces.scanning.process FD``, a ScanModel on its input."""

from __future__ import annotations

import pickle
import sys
from multiprocessing.connection import Connection

import numpy as np

from molq.errors import MolqError
from molq.shortage import in_a_line, is_shortage
from molq.spaces.ranker import Ranker
from molq.spaces.scanning.job import BoxAsked, ScanFailed, ScanJob, ScanModel
from molq.spaces.scanning.scanner import Scanner
from molq.spaces.sheets import perceive
from molq.spaces.space import Reaction, Synthon


def main(descriptor: int, model: ScanModel) -> None:
    """Takes jobs and answers for the last one, until the parent closes its side."""
    with Connection(descriptor) as parent:
        try:
            ranker = model.ranker("the model")
            _warm_up(ranker)
            scanner: Scanner | None = None
            while True:
                asked: ScanJob | BoxAsked = parent.recv()
                if isinstance(asked, ScanJob):
                    scanner = asked.scanner(ranker)
                else:
                    assert scanner is not None
                    parent.send(scanner.scan(asked.sheet, asked.box, asked.cut_off))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
        except MolqError as error:
            parent.send(ScanFailed(type(error).__name__, str(error)))
        except Exception as error:
            name = "ShortageError" if is_shortage(error) else None
            parent.send(ScanFailed(name, in_a_line(error)))


def _warm_up(ranker: Ranker) -> None:
    """Loads all that was compiled, while the parent is about something else."""
    reaction = Reaction("", ((Synthon("CC(=O)[1*]", ""),), (Synthon("[1*]NC", ""),)))
    scanner = Scanner(ranker, perceive(reaction, ranker.network.recipe).sheets, 1)
    (box,) = scanner.boxes(0)
    scanner.scan(0, box, -np.inf)


if __name__ == "__main__":
    main(int(sys.argv[1]), pickle.load(sys.stdin.buffer))

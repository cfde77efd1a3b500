"""What a study compares, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from molq.calibset.spec import CalibrationSpec
from molq.limits import require_within
from molq.quant.scheme import SCHEMES, get_scheme
from molq.store.molqfile import Loaded
from molq.training.config import TrainConfig
from molq.workflows.compare.accuracy import N_RESAMPLES

REFERENCE = "fp32"
DEFAULT_SCHEMES = tuple(name for name in SCHEMES if name not in ("w3a8", "w2a8"))
"""those that need no training to keep what a model finds"""


@dataclass(frozen=True)
class StudySettings:
    """A data set, a model of it, and the schemes to try.

    ``model`` None trains ``architecture`` with ``train``. ``split`` None is the one the model's card states, or
    scaffold-balanced for a model to be trained. ``library`` is what the calibration set shall represent and where hit
    lists and speed are compared; None takes the data set for the first and the embedded ZINC sample for the others.
    ``margin`` None is the usual one of the kind of task. ``smiles_column``, ``format``, ``censored`` and ``duplicates``
    say how a table is read: see ``read_labelled``.
    The reference scheme, fp32, always comes first among ``schemes``.
    """

    dataset: str
    tasks: tuple[str, ...] | None = None
    smiles_column: str | None = None
    format: str | None = None
    censored: str | None = None
    duplicates: str = "keep"
    model: Loaded | None = None
    architecture: str = "dmpnn"
    split: str | None = None
    seed: int = 0
    train: TrainConfig = field(default_factory=TrainConfig)
    calibration: CalibrationSpec = field(default_factory=lambda: CalibrationSpec("scaffold", 200))
    library: str | None = None
    observer: str = "minmax"
    schemes: tuple[str, ...] = DEFAULT_SCHEMES
    margin: float | None = None
    n_resamples: int = N_RESAMPLES

    def __post_init__(self) -> None:
        for name in self.schemes:
            get_scheme(name)
        others = dict.fromkeys(name for name in self.schemes if name != REFERENCE)
        object.__setattr__(self, "schemes", (REFERENCE, *others))
        require_within(margin=self.margin, resamples=self.n_resamples)

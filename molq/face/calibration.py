"""Calibration sets: chosen from a pool to stand for a library, judged, and saved."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, TypedDict, final

import numpy as np
from narwhals.typing import IntoSeries
from numpy.typing import NDArray

from molq.calibset import spec
from molq.calibset.build import build
from molq.calibset.validate import N_DRAWS
from molq.calibset.validate import validate as validate_set
from molq.errors import InputError
from molq.face.inputs import Molecules, library_smiles_of, name_of, smiles_of
from molq.face.loaded import ModelLike, loaded_of
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.report import notebook as notebook  # registers how results are drawn
from molq.results.shown import Shown, as_text
from molq.results.validation import Validation
from molq.workflows.validity.strategy import NAME as ACTIVATION
from molq.workflows.validity.strategy import ActivationStrategy
from molq.workflows.validity.validation import require_float, validate_with_model


class _Names(TypedDict):
    calibset_name: str
    library_name: str
    library_command: str


@final
class CalibrationSet(Shown):
    """Molecules that stand for a library while a model is quantized. It never changes.

    ``molq.calibration_set`` chooses one, ``CalibrationSet.read`` reads one from a file, and ``CalibrationSet(smiles)``
    is one of molecules that were chosen otherwise.

    >>> import molq
    >>> calib = molq.CalibrationSet(["CCO", "c1ccccc1O", "CC(=O)N"])
    >>> calib
    CalibrationSet(3 molecules, given)
    >>> len(calib), calib.smiles[0]
    (3, 'CCO')
    """

    __slots__ = ("_chosen", "_name")
    _chosen: spec.ChosenSet
    _name: str
    """what tables call it"""

    def __init__(self, smiles: Sequence[str] | IntoSeries) -> None:
        """The set of these molecules, in a list or a Series. Raises InputError when there is none."""
        if isinstance(smiles, str):
            raise InputError("a set is made of a list of SMILES; read one from a file with CalibrationSet.read")
        texts = smiles_of(smiles)
        if not texts:
            raise InputError("a calibration set needs at least 1 molecule")
        given = spec.CalibrationSpec(spec.GIVEN, len(texts))
        object.__setattr__(self, "_chosen", spec.ChosenSet(texts, np.arange(len(texts)), given))
        object.__setattr__(self, "_name", "the set")

    @classmethod
    def read(cls, path: str | Path, *, smiles_column: str | None = None, format: str | None = None) -> CalibrationSet:
        """The set of any file of molecules (.csv .tsv .smi, also .gz).

        A file that ``save`` wrote comes back whole; of any other the strategy is ``given`` and nothing is known of its
        coverage. Raises InputError when the file cannot be read or holds no molecule.
        """
        return set_of(spec.read_calibset(path, smiles_column=smiles_column, format=format), str(path))

    @property
    def smiles(self) -> tuple[str, ...]:
        """n SMILES."""
        return tuple(self._chosen.smiles)

    @property
    def rows(self) -> NDArray[np.int64]:
        """[n] row of each molecule in the pool, from 0."""
        return self._chosen.rows.copy()

    @property
    def strategy(self) -> str:
        """How it was chosen; ``given`` when molq did not choose it."""
        return self._chosen.spec.strategy

    @property
    def seed(self) -> int:
        """Of the choice."""
        return self._chosen.spec.seed

    @property
    def coverage(self) -> Mapping[str, float]:
        """Shares of the library's molecules whose scaffold, generic scaffold and elements it holds, and counts."""
        return MappingProxyType(self._chosen.coverage)

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits, of the SMILES in their order."""
        return self._chosen.sha256

    def validate(
        self,
        against: Molecules,
        *,
        model: ModelLike | None = None,
        seed: int = 0,
        draws: int = N_DRAWS,
        smiles_column: str | None = None,
        format: str | None = None,
        progress: Progress = SILENT,
    ) -> Validation:
        """Whether the set represents a library: representative, marginal or not representative, and why.

        ``against`` is the library: a path, the name of a data set, a DataFrame, a Series or a list of SMILES. The set
        is compared with ``draws`` random draws of its size from the library (200 or more), in statistics of chemistry;
        with a float ``model``, also in what flows into the model's layers and in the scores of its int8 copy. ``seed``
        is of the draws, ``smiles_column`` and ``format`` of the library's file.

        Raises InputError when fewer than 10 molecules of the set or 20 distinct ones of the library parse, and for a
        model that is quantized already.

        >>> import molq
        >>> library = molq.calibration_set("bace", size=150).smiles
        >>> molq.calibration_set(library, size=40).validate(library, draws=200).verdict
        'representative'
        """
        require_within(draws=draws, seed=seed)
        chosen, library = self._chosen.smiles, library_smiles_of(against, seed, smiles_column, format, progress)
        name = name_of(against)
        given = [(flag, value) for flag, value in (("--smiles-column", smiles_column), ("--format", format)) if value]
        about: _Names = {
            "calibset_name": self._name,
            "library_name": name,
            "library_command": shlex.join([name, *(word for pair in given for word in pair)]),
        }
        if model is None:
            return validate_set(chosen, library, seed=seed, n_draws=draws, progress=progress, **about)
        return validate_with_model(
            chosen, library, loaded_of(model), seed=seed, n_draws=draws, progress=progress, **about
        )

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Writes the set as CSV with its strategy, seed and coverage on every row, and gives its path.

        Raises OutputError when the file exists and ``force`` is False, or when it cannot be written.
        """
        spec.write_calibset(path, self._chosen, force=force)
        return Path(path)

    def __len__(self) -> int:
        return len(self._chosen.smiles)

    def __eq__(self, other: object) -> bool:
        return self._chosen.sha256 == other._chosen.sha256 if isinstance(other, CalibrationSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._chosen.sha256)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a calibration set never changes, so {name} cannot be set")

    def __reduce__(self) -> tuple[object, tuple[spec.ChosenSet, str]]:
        return set_of, (self._chosen, self._name)


def calibration_set(
    pool: Molecules,
    *,
    match: Molecules | None = None,
    strategy: str = "scaffold",
    model: ModelLike | None = None,
    size: int = 200,
    seed: int = 0,
    smiles_column: str | None = None,
    format: str | None = None,
    workers: int = 1,
    progress: Progress = SILENT,
) -> CalibrationSet:
    """A set of ``size`` distinct molecules of the pool that stand for a library.

    ``pool`` and ``match``, the library (by default the pool itself), are each a path, the name of a data set, a
    DataFrame, a Series or a list of SMILES. ``strategy`` is scaffold, random, cluster, maxmin, property, generic, or
    activation, which covers the ranges of the float ``model``. ``smiles_column`` and ``format`` are of their files, as
    in ``molq.train``. ``workers`` processes search for scaffolds; with more than one, a script needs the usual
    ``__main__`` guard. The same pool, library and ``seed`` give the same set, whatever the order of the rows. Of a
    library of more than 512 MiB, in a store or here, some 60,000 rows are read, in 128 pieces drawn at random.

    Raises InputError for an unknown strategy, and when the pool has fewer than ``size`` distinct molecules that parse.

    >>> import molq
    >>> calib = molq.calibration_set("bace", match=["CCO", "c1ccccc1O", "CC(=O)N"], size=50)
    >>> calib
    CalibrationSet(50 molecules, scaffold, seed 0)
    >>> path = calib.save("calib.csv")
    >>> molq.CalibrationSet.read(path) == calib
    True
    """
    require_within(workers=workers)
    chosen_by = spec.CalibrationSpec(strategy, size, seed)
    covering = _covering(strategy, model, progress)
    progress.stage("molecules")
    smiles = smiles_of(pool, smiles_column, format, progress)
    library = None if match is None else library_smiles_of(match, seed, smiles_column, format, progress)
    return set_of(build(smiles, chosen_by, library, progress, workers, covering))


def set_of(chosen: spec.ChosenSet, name: str = "the set") -> CalibrationSet:
    """The set that a layer below chose; ``name`` is what tables call it."""
    made = CalibrationSet.__new__(CalibrationSet)
    object.__setattr__(made, "_chosen", chosen)
    object.__setattr__(made, "_name", name)
    return made


def as_set(calibset: CalibrationSet | Molecules | None, smiles_column: str | None = None) -> spec.ChosenSet | None:
    """What the layers below take: of a set, or of molecules that are to be one; a file's column is ``smiles_column``.

    Raises InputError for no molecule.
    """
    if calibset is None:
        return None
    if isinstance(calibset, str | Path):
        calibset = CalibrationSet.read(calibset, smiles_column=smiles_column)
    elif not isinstance(calibset, CalibrationSet):
        calibset = CalibrationSet(smiles_of(calibset))
    return calibset._chosen


def _covering(strategy: str, model: ModelLike | None, progress: Progress) -> ActivationStrategy | None:
    """The strategy that runs a model; None for those of chemistry alone."""
    if strategy == ACTIVATION and model is None:
        raise InputError("the strategy activation covers the ranges of a model: name it with `model`")
    if strategy != ACTIVATION and model is not None:
        raise InputError(f"`model` is for the strategy activation; {strategy} looks at chemistry alone")
    if model is None:
        return None
    loaded = loaded_of(model)
    require_float(loaded)
    return ActivationStrategy(loaded.network, progress)


@as_text.register
def _set_text(calib: CalibrationSet) -> str:
    seed = "" if calib.strategy == spec.GIVEN else f", seed {calib.seed}"
    return f"CalibrationSet({len(calib)} molecules, {calib.strategy}{seed})"
